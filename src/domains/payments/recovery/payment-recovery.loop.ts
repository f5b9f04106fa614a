import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { CONFIG, type Config } from '../../../platform/config/config.js';
import { PollLoop } from '../../../platform/scheduling/poll-loop.js';
import { Log } from '../../../platform/telemetry/log.js';
import { PaymentRecoveryService } from './payment-recovery.service.js';

@Injectable()
export class PaymentRecoveryLoop implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly loop: PollLoop;

  constructor(recovery: PaymentRecoveryService, @Inject(CONFIG) config: Config, log: Log) {
    this.loop = new PollLoop({
      intervalMs: config.RECOVERY_POLL_MS,
      turn: () => recovery.recoverDue(),
      onOutage: (error) => log.error({ message: 'payment recovery failed; trying on', error }),
    });
  }

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.loop.stop();
  }
}
