import { Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
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
import { TooManyRequests } from './http.errors.js';

export const MINUTE_MS = 60_000;

/** So many requests per minute and client address, whatever the route and whichever server. */
@Injectable()
export class RateLimitGuard extends ThrottlerGuard {
  constructor(
    @InjectThrottlerOptions() options: ThrottlerModuleOptions,
    @InjectThrottlerStorage() storage: ThrottlerStorage,
    reflector: Reflector,
    @Inject(CONFIG) private readonly config: Config,
  ) {
    super(options, storage, reflector);
  }

  protected override async handleRequest({ context }: ThrottlerRequest): Promise<boolean> {
    const http = context.switchToHttp();
    await this.count(http.getRequest<Request>(), http.getResponse<Response>());
    return true;
  }

  /** @throws TooManyRequests */
  async count(request: Request, response: Response): Promise<void> {
    const limit = this.config.RATE_LIMIT_PER_MINUTE;
    const key = `address:${clientOf(request)}`;
    const hit = await this.storageService.increment(key, MINUTE_MS, limit, MINUTE_MS, 'default');
    response.setHeader('RateLimit-Limit', limit);
    response.setHeader('RateLimit-Remaining', Math.max(0, limit - hit.totalHits));
    response.setHeader('RateLimit-Reset', hit.timeToExpire);
    if (!hit.isBlocked) return;
    const detail = `An address may send ${limit} requests per minute.`;
    throw new TooManyRequests(detail, { retryAfterSeconds: hit.timeToExpire });
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
