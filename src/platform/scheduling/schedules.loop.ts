import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { Log } from '../telemetry/log.js';
import { PollLoop } from './poll-loop.js';
import { Schedules } from './schedules.js';

/** Every worker runs one; the first to look claims the slot. */
@Injectable()
export class SchedulesLoop implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly loop: PollLoop;

  constructor(schedules: Schedules, @Inject(CONFIG) config: Config, log: Log) {
    this.loop = new PollLoop({
      intervalMs: config.SCHEDULE_POLL_MS,
      turn: async () => {
        await schedules.claimDue();
        return false;
      },
      onOutage: (error) => log.error({ message: 'claiming slots failed; trying on', error }),
    });
  }

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.loop.stop();
  }
}
