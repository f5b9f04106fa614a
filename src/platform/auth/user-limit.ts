import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import type { Allowance, Spent } from '../http/limits/allowance.js';
import { strictAllowance, type StrictLimitName } from '../http/limits/strict-limits.js';
import { Limiter } from '../http/limiter.js';

const MINUTE_SECONDS = 60;

/** So many requests per minute and user, from whatever addresses and through whichever servers. */
@Injectable()
export class UserLimit {
  private readonly foreseen = new WeakMap<object, { userId: string; spent: Promise<Spent> }>();

  constructor(
    private readonly limiter: Limiter,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Begins to count a request of whom it is likely to be of, so that it costs no round trip of its own. */
  foresee(request: object, userId: string): void {
    this.foreseen.set(request, { userId, spent: this.spend(this.allowanceOf(userId)) });
  }

  async count(request: object, userId: string, strict?: StrictLimitName): Promise<Spent[]> {
    const foreseen = this.foreseen.get(request);
    const general = foreseen?.userId === userId ? foreseen.spent : this.spend(this.allowanceOf(userId));
    const particular = strict && this.spend(strictAllowance(strict, `user:${userId}`, this.config));
    return Promise.all(particular ? [general, particular] : [general]);
  }

  private allowanceOf(userId: string): Allowance {
    const limit = this.config.RATE_LIMIT_PER_USER_PER_MINUTE;
    const detail = `A user may send ${limit} requests per minute.`;
    return { bucket: `user:${userId}`, limit, windowSeconds: MINUTE_SECONDS, detail };
  }

  private async spend({ bucket, limit, windowSeconds, detail }: Allowance): Promise<Spent> {
    const { count, resetSeconds } = await this.limiter.hit(bucket, limit, windowSeconds);
    return { limit, count, resetSeconds, detail };
  }
}
