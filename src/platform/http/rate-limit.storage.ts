import { Injectable } from '@nestjs/common';
import type { ThrottlerStorage } from '@nestjs/throttler';
import { Limiter } from './limiter.js';

type Record = Awaited<ReturnType<ThrottlerStorage['increment']>>;

/** The throttler's counters in Redis. Its interface asks in milliseconds and is answered in seconds. */
@Injectable()
export class RateLimitStorage implements ThrottlerStorage {
  constructor(private readonly limiter: Limiter) {}

  // The signature is @nestjs/throttler's own.
  async increment(key: string, ttlMs: number, limit: number): Promise<Record> {
    const { count, isAllowed, resetSeconds } = await this.limiter.hit(key, limit, ttlMs / 1_000);
    const isBlocked = !isAllowed;
    return { totalHits: count, timeToExpire: resetSeconds, isBlocked, timeToBlockExpire: isBlocked ? resetSeconds : 0 };
  }
}
