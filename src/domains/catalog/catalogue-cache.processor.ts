import { Process, Processor } from '@nestjs/bull';
import type { Job } from 'bull';
import { Cache } from '../../platform/cache/cache.js';
import { Consumer, type Effect, type Handlers, Postpone } from '../../platform/events/consumer.js';
import type { DispatchedDelivery } from '../../platform/events/deliveries.repository.js';
import { Log } from '../../platform/telemetry/log.js';
import { SHOP_WINDOW } from './shop-window.js';

/** Until it has worked, customers may see the old price; so no back-off, and no end of trying. */
const RETRY_MS = 1_000;

/** After an admin's change the shop window is read anew. Orders change the stock and not the window. */
@Processor('catalogue-cache')
export class CatalogueCacheProcessor {
  private readonly handlers: Handlers<'catalogue-cache'> = {
    'product.created': () => this.invalidate(),
    'product.changed': () => this.invalidate(),
    'stock.adjusted': () => this.invalidate(),
  };

  constructor(
    private readonly consumer: Consumer,
    private readonly cache: Cache,
    private readonly log: Log,
  ) {}

  @Process()
  hear(job: Job<DispatchedDelivery>): Promise<void> {
    return this.consumer.consume(job.data, this.handlers);
  }

  private async invalidate(): Promise<Effect> {
    try {
      await this.cache.invalidate(SHOP_WINDOW);
    } catch (error) {
      this.log.warn({ message: 'the catalogue was not invalidated; again in a second', error });
      throw new Postpone(RETRY_MS);
    }
    return () => Promise.resolve();
  }
}
