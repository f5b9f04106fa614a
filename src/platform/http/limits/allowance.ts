import type { Response } from 'express';
import { TooManyRequests } from '../http.errors.js';

/** So many requests of one somebody within one window. */
export interface Allowance {
  readonly bucket: string;
  readonly limit: number;
  readonly windowSeconds: number;
  /** What who has used it up is told. */
  readonly detail: string;
}

/** An allowance after one more request. */
export interface Spent extends Pick<Allowance, 'limit' | 'detail'> {
  readonly count: number;
  /** Seconds until the window ends. */
  readonly resetSeconds: number;
}

/**
 * Tells of the tightest allowance, also than one an earlier guard told of.
 * @throws TooManyRequests when one is used up
 */
export function tell(response: Response, spent: readonly Spent[]): void {
  for (const { limit, count, resetSeconds, detail } of spent) {
    const remaining = Math.max(0, limit - count);
    const told = response.getHeader('RateLimit-Remaining');
    if (told === undefined || remaining < Number(told) || count > limit) {
      response.setHeader('RateLimit-Limit', limit);
      response.setHeader('RateLimit-Remaining', remaining);
      response.setHeader('RateLimit-Reset', resetSeconds);
    }
    if (count > limit) throw new TooManyRequests(detail, { retryAfterSeconds: resetSeconds });
  }
}
