import { Module } from '@nestjs/common';
import { DatabaseMetrics } from './database-metrics.js';
import { EventTotalsRepository } from './event-totals.repository.js';
import { MetricsController } from './metrics.controller.js';
import { ProcessMetrics } from './process-metrics.js';

/** What can be scraped; the same in both modes. */
@Module({
  controllers: [MetricsController],
  providers: [ProcessMetrics, DatabaseMetrics, EventTotalsRepository],
})
export class MetricsModule {}
