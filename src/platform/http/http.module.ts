import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { ThrottlerModule } from '@nestjs/throttler';
import { CONFIG, type Config } from '../config/config.js';
import { LimiterModule } from './limiter.module.js';
import { Limiter } from './limiter.js';
import { RootController } from './pages/root.controller.js';
import { ProblemFilter } from './problem.filter.js';
import { MINUTE_MS, RateLimitGuard } from './rate-limit.guard.js';
import { RateLimitStorage } from './rate-limit.storage.js';

@Module({
  imports: [
    LimiterModule,
    ThrottlerModule.forRootAsync({
      inject: [CONFIG, Limiter],
      useFactory: (config: Config, limiter: Limiter) => ({
        throttlers: [{ ttl: MINUTE_MS, limit: config.RATE_LIMIT_PER_MINUTE }],
        storage: new RateLimitStorage(limiter),
      }),
    }),
  ],
  controllers: [RootController],
  providers: [ProblemFilter, RateLimitGuard, { provide: APP_GUARD, useExisting: RateLimitGuard }],
  exports: [ProblemFilter, RateLimitGuard],
})
export class HttpModule {}
