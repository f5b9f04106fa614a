import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { CONFIG, type Config } from '../../../platform/config/config.js';
import { PollLoop } from '../../../platform/scheduling/poll-loop.js';
import { Log } from '../../../platform/telemetry/log.js';
import { MissedEventsService } from './missed-events.service.js';

/** So that a turn is taken soon after its time, whichever worker looks. */
const LOOKS_PER_INTERVAL = 4;

@Injectable()
export class MissedEventsLoop implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly loop: PollLoop;

  constructor(missed: MissedEventsService, @Inject(CONFIG) config: Config, log: Log) {
    this.loop = new PollLoop({
      intervalMs: config.WEBHOOK_POLL_MS / LOOKS_PER_INTERVAL,
      turn: async () => {
        const found = await missed.lookForMissed();
        if (found) log.warn({ message: 'webhooks had not arrived', found });
        return false;
      },
      onOutage: (error) => log.error({ message: 'the list of events did not answer; trying on', error }),
    });
  }

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.loop.stop();
  }
}
