import { Module } from '@nestjs/common';
import { EventTotalsLoop } from './event-totals.loop.js';
import { EventTotalsRepository } from './event-totals.repository.js';

@Module({ providers: [EventTotalsRepository, EventTotalsLoop] })
export class MetricsWorkerModule {}
