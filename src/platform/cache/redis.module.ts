import { Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { Redis } from 'ioredis';
import { CONFIG, type Config } from '../config/config.js';
import { Log } from '../telemetry/log.js';
import { FailFastRedis } from './fail-fast-redis.js';

/** Injection token of the one connection for counters, session copies and cache. Bull has its own. */
export const REDIS = Symbol('REDIS');

const RECONNECT_PAUSE_MAX_MS = 2_000;
const DISCONNECT_MAX_MS = 200;

/** While Redis is down every command fails at once, so that its caller can do without; the connection comes back by itself. */
function connect(config: Config, log: Log): Redis {
  const redis = new FailFastRedis(config.REDIS_URL, {
    commandTimeout: config.REDIS_COMMAND_TIMEOUT_MS,
    connectTimeout: RECONNECT_PAUSE_MAX_MS,
    disconnectTimeout: DISCONNECT_MAX_MS,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    enableAutoPipelining: true,
    retryStrategy: (attempt) => Math.min(attempt * 100, RECONNECT_PAUSE_MAX_MS),
  });
  tellOutages(redis, log);
  return redis;
}

/** One line when an outage begins and one when it ends, however many commands fail between. */
function tellOutages(redis: Redis, log: Log): void {
  let isDown = false;
  const begin = (error?: Error): void => {
    if (!isDown) log.warn({ message: 'Redis is down; going on without it', ...(error ? { error } : {}) });
    isDown = true;
  };
  const end = (): void => {
    if (isDown) log.info('Redis is back');
    isDown = false;
  };
  redis.on('error', begin).on('hanging', begin);
  redis.on('ready', end).on('answering', end);
}

@Global()
@Module({
  providers: [{ provide: REDIS, inject: [CONFIG, Log], useFactory: connect }],
  exports: [REDIS],
})
export class RedisModule implements OnApplicationShutdown {
  constructor(@Inject(REDIS) private readonly redis: Redis) {}

  onApplicationShutdown(): void {
    this.redis.disconnect();
  }
}
