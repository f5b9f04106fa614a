import { Injectable } from '@nestjs/common';
import { OrderCancellationService } from './order-cancellation.service.js';
import { OrdersRepository, type ExpiryCursor } from './orders.repository.js';

/** Orders looked at in one turn; each is its own short transaction. */
const BATCH_MAX = 100;
const START: ExpiryCursor = { expiresAt: '-infinity', id: '00000000-0000-0000-0000-000000000000' };

/**
 * Walks over the pending orders whose time is over, batch by batch, and starts again at the end. The cursor passes
 * whatever it looked at, so orders that a payment holds, or that fail, do not keep the ones behind them waiting.
 */
@Injectable()
export class OrderExpiryService {
  private cursor = START;

  constructor(
    private readonly orders: OrdersRepository,
    private readonly cancellation: OrderCancellationService,
  ) {}

  /** One batch; true when there may be more behind it. */
  async turn(): Promise<boolean> {
    const expired = await this.orders.listExpired(this.cursor, BATCH_MAX);
    for (const order of expired) {
      this.cursor = order;
      await this.cancellation.expire(order.id);
    }
    const isMore = expired.length === BATCH_MAX;
    if (!isMore) this.cursor = START;
    return isMore;
  }
}
