import { CacheModule } from '@nestjs/cache-manager';
import { Global, Module } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { Keyv } from 'keyv';
import { RedisCacheStore } from './cache-store.js';
import { Cache } from './cache.js';
import { REDIS } from './redis.module.js';

@Global()
@Module({
  imports: [
    CacheModule.registerAsync({
      inject: [REDIS],
      useFactory: (redis: Redis) => ({
        // By default Keyv swallows what Redis did not do, and an invalidation must not get lost.
        stores: [
          new Keyv({ store: new RedisCacheStore(redis), useKeyPrefix: false, throwOnErrors: true, emitErrors: false }),
        ],
      }),
    }),
  ],
  providers: [Cache],
  exports: [Cache],
})
export class CachingModule {}
