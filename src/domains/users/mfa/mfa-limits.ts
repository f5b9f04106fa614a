import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../../platform/config/config.js';
import { TooManyRequests } from '../../../platform/http/http.errors.js';
import { Limiter } from '../../../platform/http/limiter.js';

const QUARTER_HOUR_SECONDS = 900;

/** Bounds the guessing of codes per account: of a million, three are good at a time. */
@Injectable()
export class MfaLimits {
  constructor(
    private readonly limiter: Limiter,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** @throws TooManyRequests */
  async count(userId: string): Promise<void> {
    const limit = this.config.MFA_LIMIT_PER_ACCOUNT;
    const { isAllowed, resetSeconds } = await this.limiter.hit(bucketOf(userId), limit, QUARTER_HOUR_SECONDS);
    if (!isAllowed) throw new TooManyRequests('Too many codes were tried.', { retryAfterSeconds: resetSeconds });
  }

  /** The code was right. */
  async succeeded(userId: string): Promise<void> {
    await this.limiter.forget(bucketOf(userId));
  }
}

function bucketOf(userId: string): string {
  return `mfa:${userId}`;
}
