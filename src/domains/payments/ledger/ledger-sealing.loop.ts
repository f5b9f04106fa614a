import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { CONFIG, type Config } from '../../../platform/config/config.js';
import { PollLoop } from '../../../platform/scheduling/poll-loop.js';
import { Log } from '../../../platform/telemetry/log.js';
import { LedgerSealingService } from './ledger-sealing.service.js';

/** Every worker runs one. A loop and no hourly job: until it is sealed, a changed byte would not be found. */
@Injectable()
export class LedgerSealingLoop implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly loop: PollLoop;

  constructor(sealing: LedgerSealingService, @Inject(CONFIG) config: Config, log: Log) {
    this.loop = new PollLoop({
      intervalMs: config.LEDGER_SEAL_POLL_MS,
      turn: () => sealing.sealNext(),
      onOutage: (error) => log.error({ message: 'sealing the ledger failed; trying on', error }),
    });
  }

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.loop.stop();
  }
}
