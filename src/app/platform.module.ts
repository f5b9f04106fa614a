import { type DynamicModule, Module } from '@nestjs/common';
import { CachingModule } from '../platform/cache/cache.module.js';
import { RedisModule } from '../platform/cache/redis.module.js';
import type { Config } from '../platform/config/config.js';
import { ConfigModule } from '../platform/config/config.module.js';
import { DatabaseModule } from '../platform/database/database.module.js';
import { EventsModule } from '../platform/events/events.module.js';
import { HealthModule } from '../platform/health/health.module.js';
import { MetricsModule } from '../platform/metrics/metrics.module.js';
import { ResilienceModule } from '../platform/resilience/resilience.module.js';
import { TelemetryModule } from '../platform/telemetry/telemetry.module.js';

/** What both modes stand on. */
@Module({})
export class PlatformModule {
  static for(config: Config): DynamicModule {
    return {
      module: PlatformModule,
      imports: [
        ConfigModule.for(config),
        TelemetryModule,
        ResilienceModule,
        DatabaseModule,
        RedisModule,
        CachingModule,
        EventsModule,
        HealthModule,
        MetricsModule,
      ],
    };
  }
}
