import { Global, Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { Draining } from './draining.js';
import { HealthController } from './health.controller.js';
import { HealthIndicators } from './health.indicators.js';
import { Shutdown } from './shutdown.js';
import { WorkerHeartbeat } from './worker-heartbeat.js';

/** Probes and the way out; the same in both modes. */
@Global()
@Module({
  imports: [TerminusModule.forRoot({ logger: false })],
  controllers: [HealthController],
  providers: [Draining, HealthIndicators, Shutdown, WorkerHeartbeat],
  exports: [Draining, WorkerHeartbeat],
})
export class HealthModule {}
