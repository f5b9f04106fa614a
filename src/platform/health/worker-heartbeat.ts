import { Inject, Injectable } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { REDIS } from '../cache/redis.module.js';
import { CONFIG, type Config } from '../config/config.js';

const KEY = 'purser:worker-heard';
const EVERY_MS = 1_000;
/** How long nobody is heard before it is told; a busy or restarted worker is back sooner. */
const SILENCE_MS = 5_000;

/** Workers leave word in Redis that they look for work, and every process tells it in its health. Nothing depends on it. */
@Injectable()
export class WorkerHeartbeat {
  private beatenAt = -Infinity;

  constructor(
    @Inject(REDIS) private readonly redis: Redis,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** As often as one likes: it is sent once a second. */
  beat(): void {
    const now = performance.now();
    if (now - this.beatenAt < EVERY_MS) return;
    this.beatenAt = now;
    const silenceMs = SILENCE_MS + this.config.DISPATCH_POLL_MS;
    this.redis.set(KEY, '1', 'PX', silenceMs).catch(() => undefined);
  }

  /** Whether any worker has looked for work in the last seconds. @throws when Redis does not say */
  async isHeard(): Promise<boolean> {
    return (await this.redis.exists(KEY)) === 1;
  }
}
