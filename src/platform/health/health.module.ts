import { Global, Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { Draining } from './draining.js';
import { HealthController } from './health.controller.js';
import { Shutdown } from './shutdown.js';

/** Probes and the way out; the same in both modes. */
@Global()
@Module({
  imports: [TerminusModule.forRoot({ logger: false })],
  controllers: [HealthController],
  providers: [Draining, Shutdown],
  exports: [Draining],
})
export class HealthModule {}
