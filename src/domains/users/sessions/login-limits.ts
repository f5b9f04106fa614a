import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../../platform/config/config.js';
import { TooManyRequests } from '../../../platform/http/http.errors.js';
import { Limiter } from '../../../platform/http/limiter.js';
import { clientOf } from '../../../platform/http/rate-limit.guard.js';
import { keyedHash } from '../keyed-hash.js';
import { ThrottleNotices } from './throttle-notices.js';

const QUARTER_HOUR_SECONDS = 900;
const HOUR_SECONDS = 3_600;

/** Whose password is tried: the account need not exist, unknown ones are counted alike. */
export interface Attempt {
  /** In lower case. */
  readonly email: string;
  readonly ip: string | null;
  /** A device or a session that this account knows, which strangers cannot show; null when there is none. */
  readonly knownAs: string | null;
}

interface Bucket {
  readonly key: string;
  readonly limit: number;
  readonly windowSeconds: number;
  /** A right password empties it; of the others only this attempt is forgotten. */
  readonly isOwn: boolean;
  /** The owner is told when it is full. */
  readonly isTold: boolean;
}

/**
 * Bounds the guessing of passwords. An attempt is counted before its password is looked at, because of a burst that is
 * counted afterwards every guess is tried.
 */
@Injectable()
export class LoginLimits {
  constructor(
    private readonly limiter: Limiter,
    private readonly notices: ThrottleNotices,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** @throws TooManyRequests */
  async count(attempt: Attempt): Promise<void> {
    for (const { key, limit, windowSeconds, isTold } of this.bucketsOf(attempt)) {
      const { isAllowed, count, resetSeconds } = await this.limiter.hit(key, limit, windowSeconds);
      if (isAllowed) continue;
      if (isTold && count === limit + 1) await this.notices.tell(attempt.email);
      throw new TooManyRequests('Too many logins were tried.', { retryAfterSeconds: resetSeconds });
    }
  }

  /** The password was right. */
  async succeeded(attempt: Attempt): Promise<void> {
    const buckets = this.bucketsOf(attempt);
    await Promise.all(buckets.map(({ key, isOwn }) => (isOwn ? this.limiter.forget(key) : this.limiter.giveBack(key))));
  }

  /** The password was not looked at. */
  async untried(attempt: Attempt): Promise<void> {
    await Promise.all(this.bucketsOf(attempt).map(({ key }) => this.limiter.giveBack(key)));
  }

  /**
   * In the order they are counted, the second only when the first allows: one client cannot use up what the account may
   * be tried from everywhere. Who shows a device or session that the account knows has a bucket of their own, and
   * whatever others do costs them nothing. Redis learns no address of anybody.
   */
  private bucketsOf({ email, ip, knownAs }: Attempt): Bucket[] {
    const { LOGIN_LIMIT_PER_ACCOUNT_AND_IP, LOGIN_LIMIT_PER_ACCOUNT } = this.config;
    const account = keyedHash(this.config.TOKEN_SECRET, 'll1', email);
    const client = clientOf({ ip: ip ?? '' });
    const near = { limit: LOGIN_LIMIT_PER_ACCOUNT_AND_IP, windowSeconds: QUARTER_HOUR_SECONDS, isTold: false };
    if (knownAs !== null) return [{ ...near, key: `login:${account}:known:${knownAs}`, isOwn: true }];
    return [
      { ...near, key: `login:${account}:${client}`, isOwn: true },
      {
        key: `login:${account}`,
        limit: LOGIN_LIMIT_PER_ACCOUNT,
        windowSeconds: HOUR_SECONDS,
        isOwn: false,
        isTold: true,
      },
    ];
  }
}
