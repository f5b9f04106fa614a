import { CACHE_MANAGER, type Cache as CacheManager } from '@nestjs/cache-manager';
import { type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Redis } from 'ioredis';
import { CachingModule } from '../../src/platform/cache/cache.module.js';
import { Cache } from '../../src/platform/cache/cache.js';
import { RedisModule, REDIS } from '../../src/platform/cache/redis.module.js';
import { testConfig } from '../support/config.js';
import { ConfigModule } from '../../src/platform/config/config.module.js';
import { TelemetryModule } from '../../src/platform/telemetry/telemetry.module.js';
import { harness } from '../support/harness.js';
import { Proxy } from '../support/proxy.js';
import { waitUntil } from '../support/wait.js';

/** On a busy machine Redis may be slow without being down: only tests of its absence take the product's own patience. */
export const PATIENT = { REDIS_COMMAND_TIMEOUT_MS: '10000' };

@Module({})
class Platform {}

/** Each jest worker runs one file at a time, so its number is a Redis database of its own. */
export function ownRedisUrl(): string {
  return `${harness().redisUrl}/${process.env.JEST_WORKER_ID ?? '1'}`;
}

/** The cache of one process, its Redis behind a proxy; `redis` goes past the proxy. */
export class CacheRoom {
  private constructor(
    private readonly app: INestApplicationContext,
    readonly proxy: Proxy,
    readonly redis: Redis,
  ) {}

  static async open(settings: Readonly<Record<string, string>> = PATIENT): Promise<CacheRoom> {
    const proxy = await Proxy.before(ownRedisUrl());
    const config = testConfig({
      APP_ENV: 'test',
      LOG_LEVEL: 'CRITICAL',
      DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
      REDIS_URL: proxy.through(ownRedisUrl()),
      ...settings,
    });
    const imports = [ConfigModule.for(config), TelemetryModule, RedisModule, CachingModule];
    const app = await NestFactory.createApplicationContext({ module: Platform, imports }, { logger: false });
    const room = new CacheRoom(app, proxy, new Redis(ownRedisUrl()));
    await room.connected();
    return room;
  }

  get cache(): Cache {
    return this.app.get(Cache, { strict: false });
  }

  get manager(): CacheManager {
    return this.app.get<CacheManager>(CACHE_MANAGER, { strict: false });
  }

  /** The product's own connection. */
  get connection(): Redis {
    return this.app.get<Redis>(REDIS, { strict: false });
  }

  async connected(): Promise<void> {
    await waitUntil(async () => (await this.connection.ping()) === 'PONG', { what: 'Redis to be back' });
  }

  async close(): Promise<void> {
    await this.app.close();
    this.redis.disconnect();
    await this.proxy.close();
  }
}

/** How long it took, in milliseconds. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

export function p95(milliseconds: readonly number[]): number {
  const sorted = [...milliseconds].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length * 0.95)] ?? Number.NaN;
}

/** A query that answers this, and counts how often it ran. */
export function asking<T>(answer: T) {
  return jest.fn(() => Promise.resolve(answer));
}
