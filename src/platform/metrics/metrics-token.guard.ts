import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import { createHash, timingSafeEqual } from 'node:crypto';
import { Unauthenticated } from '../auth/auth.errors.js';
import { CONFIG, type Config } from '../config/config.js';

/** Lets in whoever sends `Authorization: Bearer <METRICS_TOKEN>`, and is as quick to refuse a near miss as a wild guess. */
@Injectable()
export class MetricsTokenGuard implements CanActivate {
  private readonly expected: Buffer;

  constructor(@Inject(CONFIG) config: Config) {
    this.expected = digestOf(`Bearer ${config.METRICS_TOKEN}`);
  }

  canActivate(context: ExecutionContext): boolean {
    const { headers } = context.switchToHttp().getRequest<IncomingMessage>();
    if (timingSafeEqual(digestOf(headers.authorization ?? ''), this.expected)) return true;
    throw new Unauthenticated();
  }
}

/** Digests are of one length, which is what a comparison in constant time asks for. */
function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
