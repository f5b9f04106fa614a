import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { CONFIG, type Config } from '../../../../platform/config/config.js';
import { PollLoop } from '../../../../platform/scheduling/poll-loop.js';
import { Log } from '../../../../platform/telemetry/log.js';
import { RefundRecoveryService } from './refund-recovery.service.js';

@Injectable()
export class RefundRecoveryLoop implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly loop: PollLoop;

  constructor(recovery: RefundRecoveryService, @Inject(CONFIG) config: Config, log: Log) {
    this.loop = new PollLoop({
      intervalMs: config.RECOVERY_POLL_MS,
      turn: () => recovery.recoverDue(),
      onOutage: (error) => log.error({ message: 'refund recovery failed; trying on', error }),
    });
  }

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.loop.stop();
  }
}
