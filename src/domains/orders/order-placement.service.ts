import { Inject, Injectable } from '@nestjs/common';
import { ShelfIsShort } from '../../contracts/product-errors.js';
import { ProductShelf } from '../../contracts/product-shelf.js';
import { CONFIG, type Config } from '../../platform/config/config.js';
import {
  hashOf,
  Idempotency,
  RequestInProgress,
  type KeyedRequest,
  type Reply,
} from '../../platform/database/idempotency.js';
import { Transactions } from '../../platform/database/transactions.js';
import { Order } from './order.entity.js';
import type { OrderView } from './order.view.js';
import type { PlaceOrder } from './orders.dto.js';
import { OrdersRepository } from './orders.repository.js';

const ENDPOINT = 'POST /v1/orders';

/** Who places, and the key under which a repetition gets the same answer. */
export interface Placement {
  readonly userId: string;
  readonly key: string;
  readonly request: PlaceOrder;
}

@Injectable()
export class OrderPlacementService {
  constructor(
    private readonly shelf: ProductShelf,
    private readonly orders: OrdersRepository,
    private readonly idempotency: Idempotency,
    private readonly transactions: Transactions,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * Places the order once, however often it is asked for under one key.
   * @throws UnknownProduct, ProductUnavailable, OutOfStock, MixedCurrencies, OrderTotalTooLarge, IdempotencyKeyReused,
   *   RequestInProgress
   */
  async place({ userId, key, request }: Placement): Promise<Reply<OrderView>> {
    const claim: KeyedRequest = {
      userId,
      key,
      endpoint: ENDPOINT,
      requestHash: hashOf({ endpoint: ENDPOINT, body: request }),
    };
    const attempt = await this.idempotency.attempt<OrderView, OrderView>(claim, () => this.placeOnce(claim, request));
    if (attempt.isFirst) return { status: 201, body: attempt.result, replayed: false };
    if (!attempt.earlier.reply) throw new RequestInProgress();
    return attempt.earlier.reply;
  }

  /** Takes the stock, then writes order, event and answer: two statements, all or nothing. */
  private async placeOnce(claim: KeyedRequest, { items }: PlaceOrder): Promise<OrderView> {
    const ttlSeconds = this.config.ORDER_TTL_SECONDS;
    try {
      return await this.transactions.run(async (tx) => {
        const taken = await this.shelf.take(tx, items);
        return this.orders.insert(tx, Order.place(claim.userId, taken), { ttlSeconds, claim });
      });
    } catch (error) {
      throw error instanceof ShelfIsShort ? await this.shelf.refusalOf(items) : error;
    }
  }
}
