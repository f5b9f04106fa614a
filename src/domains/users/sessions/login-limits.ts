import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../../platform/config/config.js';
import { TooManyRequests } from '../../../platform/http/http.errors.js';
import { Limiter } from '../../../platform/http/limiter.js';
import { clientOf } from '../../../platform/http/rate-limit.guard.js';
import { keyedHash } from '../keyed-hash.js';

const QUARTER_HOUR_SECONDS = 900;
const HOUR_SECONDS = 3_600;

/** Whose login it is: the account need not exist, unknown ones are counted alike. */
export interface Attempt {
  /** In lower case. */
  readonly email: string;
  readonly ip: string | null;
}

/**
 * Bounds the guessing of passwords, per account and address and per account. An attempt is counted before its password
 * is looked at, because of a burst that is counted afterwards every guess is tried.
 */
@Injectable()
export class LoginLimits {
  constructor(
    private readonly limiter: Limiter,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** @throws TooManyRequests */
  async count(attempt: Attempt): Promise<void> {
    const { LOGIN_LIMIT_PER_ACCOUNT_AND_IP, LOGIN_LIMIT_PER_ACCOUNT } = this.config;
    const { near, far } = this.buckets(attempt);
    await this.hit(near, LOGIN_LIMIT_PER_ACCOUNT_AND_IP, QUARTER_HOUR_SECONDS);
    // Only after the first: one address cannot use up what the account may try from everywhere.
    await this.hit(far, LOGIN_LIMIT_PER_ACCOUNT, HOUR_SECONDS);
  }

  /** The password was right: this address starts anew, and of the account only this attempt is forgotten. */
  async succeeded(attempt: Attempt): Promise<void> {
    const { near, far } = this.buckets(attempt);
    await Promise.all([this.limiter.forget(near), this.limiter.giveBack(far)]);
  }

  /** The password was not looked at. */
  async untried(attempt: Attempt): Promise<void> {
    const { near, far } = this.buckets(attempt);
    await Promise.all([this.limiter.giveBack(near), this.limiter.giveBack(far)]);
  }

  private async hit(bucket: string, limit: number, windowSeconds: number): Promise<void> {
    const { isAllowed, resetSeconds } = await this.limiter.hit(bucket, limit, windowSeconds);
    if (isAllowed) return;
    throw new TooManyRequests('Too many logins of this account were tried.', { retryAfterSeconds: resetSeconds });
  }

  /** Redis learns no address of anybody. */
  private buckets({ email, ip }: Attempt): { near: string; far: string } {
    const account = keyedHash(this.config.TOKEN_SECRET, 'll1', email);
    return { near: `login:${account}:${clientOf({ ip: ip ?? '' })}`, far: `login:${account}` };
  }
}
