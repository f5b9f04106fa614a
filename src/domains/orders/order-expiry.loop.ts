import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { CONFIG, type Config } from '../../platform/config/config.js';
import { PollLoop } from '../../platform/scheduling/poll-loop.js';
import { Log } from '../../platform/telemetry/log.js';
import { OrderExpiryService } from './order-expiry.service.js';

/** Every worker runs one; SKIP LOCKED keeps them out of each other's way. */
@Injectable()
export class OrderExpiryLoop implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly loop: PollLoop;

  constructor(expiry: OrderExpiryService, @Inject(CONFIG) config: Config, log: Log) {
    this.loop = new PollLoop({
      intervalMs: config.ORDER_EXPIRY_POLL_MS,
      turn: () => expiry.turn(),
      onOutage: (error) => log.error({ message: 'expiring orders failed; trying on', error }),
    });
  }

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.loop.stop();
  }
}
