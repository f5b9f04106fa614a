import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { PollLoop } from '../scheduling/poll-loop.js';
import { Log } from '../telemetry/log.js';
import { EventTotalsRepository } from './event-totals.repository.js';

/** Every worker runs one; the cursor's row is locked by one of them at a time. */
@Injectable()
export class EventTotalsLoop implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly loop: PollLoop;

  constructor(totals: EventTotalsRepository, @Inject(CONFIG) config: Config, log: Log) {
    this.loop = new PollLoop({
      intervalMs: config.METRICS_ADD_UP_POLL_MS,
      turn: () => totals.addUp(),
      onOutage: (error) => log.error({ message: 'adding up events failed; trying on', error }),
    });
  }

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.loop.stop();
  }
}
