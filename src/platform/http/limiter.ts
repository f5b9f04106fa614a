import { Inject, Injectable } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { type Counted, GatheredRedis } from '../cache/gathered-redis.js';
import { REDIS } from '../cache/redis.module.js';

export interface Hit {
  readonly isAllowed: boolean;
  readonly count: number;
  readonly remaining: number;
  /** Seconds until the window ends. */
  readonly resetSeconds: number;
}

// A bucket that has ended meanwhile is not opened again.
const GIVE_BACK = `if redis.call('EXISTS', KEYS[1]) == 1 then return redis.call('DECR', KEYS[1]) end`;

const LOCAL_BUCKETS_MAX = 100_000;

/** Counts hits per bucket for all servers in Redis; while Redis is down for this process alone, but never not at all. */
@Injectable()
export class Limiter {
  private readonly local = new Map<string, { count: number; endsAt: number }>();

  constructor(
    private readonly gathered: GatheredRedis,
    @Inject(REDIS) private readonly redis: Redis,
  ) {}

  async hit(bucket: string, limit: number, windowSeconds: number): Promise<Hit> {
    const [count, leftMs] = await this.count(`purser:limit:{${bucket}}`, windowSeconds * 1_000);
    const resetSeconds = Math.max(1, Math.ceil(leftMs / 1_000));
    return { isAllowed: count <= limit, count, remaining: Math.max(0, limit - count), resetSeconds };
  }

  /** Forgets a bucket, for example after a login that succeeded. */
  async forget(bucket: string): Promise<void> {
    const key = `purser:limit:{${bucket}}`;
    this.local.delete(key);
    await this.redis.del(key).catch(() => undefined);
  }

  /** Takes one hit back, for example of an attempt that was allowed after all and does not count as a failure. */
  async giveBack(bucket: string): Promise<void> {
    const key = `purser:limit:{${bucket}}`;
    const known = this.local.get(key);
    if (known) known.count--;
    await this.redis.eval(GIVE_BACK, 1, key).catch(() => undefined);
  }

  private async count(key: string, windowMs: number): Promise<Counted> {
    try {
      return await this.gathered.count(key, windowMs);
    } catch {
      return this.countLocally(key, windowMs);
    }
  }

  private countLocally(key: string, windowMs: number): Counted {
    const now = performance.now();
    if (this.local.size >= LOCAL_BUCKETS_MAX) this.local.clear();
    const known = this.local.get(key);
    const bucket = known && known.endsAt > now ? known : { count: 0, endsAt: now + windowMs };
    bucket.count++;
    this.local.set(key, bucket);
    return [bucket.count, bucket.endsAt - now];
  }
}
