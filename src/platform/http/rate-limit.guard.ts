import { Inject, Injectable } from '@nestjs/common';
import {
  InjectThrottlerOptions,
  InjectThrottlerStorage,
  ThrottlerGuard,
  type ThrottlerModuleOptions,
  type ThrottlerRequest,
  type ThrottlerStorage,
} from '@nestjs/throttler';
import type { Request, Response } from 'express';
import { isIPv6 } from 'node:net';
import { CONFIG, type Config } from '../config/config.js';
import { routeFacts } from './route-facts.js';
import { type Allowance, type Spent, tell } from './limits/allowance.js';
import { strictAllowance, strictLimitOf, type StrictLimitName } from './limits/strict-limits.js';

export const MINUTE_MS = 60_000;

/**
 * So many requests per minute and client address, whatever the route and whichever server; fewer at a strict door. What a
 * user may is counted by the UserLimitGuard, when it is known who asks.
 */
@Injectable()
export class RateLimitGuard extends ThrottlerGuard {
  constructor(
    @InjectThrottlerOptions() options: ThrottlerModuleOptions,
    @InjectThrottlerStorage() storage: ThrottlerStorage,
    @Inject(CONFIG) private readonly config: Config,
  ) {
    super(options, storage, routeFacts);
  }

  protected override async handleRequest({ context }: ThrottlerRequest): Promise<boolean> {
    const http = context.switchToHttp();
    const strict = strictLimitOf(context);
    await this.count(http.getRequest<Request>(), http.getResponse<Response>(), strict);
    return true;
  }

  /** @throws TooManyRequests */
  async count(request: Request, response: Response, strict?: StrictLimitName): Promise<void> {
    const client = `address:${clientOf(request)}`;
    const limit = this.config.RATE_LIMIT_PER_MINUTE;
    const detail = `An address may send ${limit} requests per minute.`;
    const general: Allowance = { bucket: client, limit, windowSeconds: MINUTE_MS / 1_000, detail };
    const particular = strict && strictAllowance(strict, client, this.config);
    // At once, so that it is one round trip.
    const all = particular ? [general, particular] : [general];
    tell(response, await Promise.all(all.map((allowance) => this.spend(allowance))));
  }

  private async spend({ bucket, limit, windowSeconds, detail }: Allowance): Promise<Spent> {
    const windowMs = windowSeconds * 1_000;
    const hit = await this.storageService.increment(bucket, windowMs, limit, windowMs, 'default');
    return { limit, count: hit.totalHits, resetSeconds: hit.timeToExpire, detail };
  }
}

/** An IPv6 customer owns a whole /64, so that is one client. */
export function clientOf({ ip = '' }: Pick<Request, 'ip'>): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip)?.[1];
  if (mapped) return mapped;
  return isIPv6(ip) ? networkOf(ip) : ip;
}

function networkOf(ip: string): string {
  const [head = '', tail] = ip.split('%', 1)[0]?.split('::') ?? [];
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0');
  const groups = [...left, ...zeros, ...right].slice(0, 4);
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}
