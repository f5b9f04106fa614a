import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { OrderSummaries, OrderSummary } from '../../contracts/letters.js';
import type { OrderBook, OrderStanding, PayableOrder } from '../../contracts/order-book.js';
import { OrderNotFound, OrderNotPayable } from '../../contracts/order-errors.js';
import type { WantedItem } from '../../contracts/product-shelf.js';
import type { Transaction } from '../../contracts/transaction.js';
import { refusedClaim, type KeyedRequest } from '../../platform/database/idempotency.js';
import { rowOf, rowsOf } from '../../platform/database/sql.js';
import { lastRowOf } from '../../platform/database/transactions.js';
import { eventFacts } from '../../platform/events/events.js';
import { raise } from '../../shared/errors.js';
import { JsonText, type ListedJson } from '../../shared/json-text.js';
import { Turn } from '../../shared/turn.js';
import type { NewOrder } from './order.entity.js';
import * as sql from './order.sql.js';
import { statusesBefore, type OrderStatus } from './order-status.js';
import type { OrderView, TimelineEntry } from './order.view.js';

/** Why an order was cancelled, as its event tells it: a word of ours, because events cannot be erased. */
export type CancelCause = 'requested' | 'expired';

/** One page of orders, newest first. `userId` null asks for everybody's. */
export interface OrderSearch {
  readonly userId: string | null;
  readonly status?: OrderStatus;
  readonly after?: string;
  readonly limit: number;
}

/** One order, as `userId` may see it; null sees everybody's. */
interface OrderRead {
  readonly id: string;
  readonly userId: string | null;
}

/** More at once would make the first wait for the last. */
const READS_MAX = 20;

/** Where a walk over the expired orders stands. */
export interface ExpiryCursor {
  readonly expiresAt: string;
  readonly id: string;
}

type LockedRow = OrderStanding & { readonly isExpired: boolean };

const NEWEST = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** Whatever writes or locks takes the transaction first. It asks nobody, so that payments may ask it. */
@Injectable()
export class OrdersRepository implements OrderBook, OrderSummaries {
  private readonly reads = new Turn<OrderRead, string | undefined>((asked) => this.readAll(asked), READS_MAX);

  constructor(private readonly dataSource: DataSource) {}

  /**
   * Writes order, lines, event and the answer under its idempotency key, ends the transaction, and returns that answer.
   * @throws KeyTaken, RequestInProgress
   */
  async insert(tx: Transaction, order: NewOrder, how: { ttlSeconds: number; claim: KeyedRequest }): Promise<OrderView> {
    const { id: orderId, userId, currency, totalAmount, items } = order;
    const { endpoint, key, requestHash } = how.claim;
    const event = eventFacts('order.placed', { orderId, userId, totalAmount, currency });
    const parameters = [
      ...[orderId, userId, currency, totalAmount, how.ttlSeconds, JSON.stringify(items)],
      ...[endpoint, key, requestHash],
      ...[event.id, event.name, event.payload, event.metadata, event.subscribers],
    ];
    try {
      const row = await lastRowOf<{ view: OrderView }>(tx, sql.PLACE, parameters);
      return row?.view ?? raise(new Error('an inserted order did not come back'));
    } catch (error) {
      throw refusedClaim(error);
    }
  }

  /** @throws OrderNotFound when there is none, or it is not `userId`'s; null asks for staff, who see every order */
  async get(id: string, userId: string | null): Promise<JsonText<OrderView>> {
    return new JsonText((await this.reads.ask({ id, userId })) ?? raise(new OrderNotFound(id)));
  }

  private async readAll(asked: readonly OrderRead[]): Promise<(string | undefined)[]> {
    const [first] = asked;
    if (first && asked.length === 1) {
      const row = await rowOf<{ text: string }>(this.dataSource, sql.GET, [first.id, first.userId]);
      return [row?.text];
    }
    const columns = [asked.map(({ id }) => id), asked.map(({ userId }) => userId)];
    const rows = await rowsOf<{ position: number; text: string }>(this.dataSource, sql.GET_SEVERAL, columns);
    const texts = new Map(rows.map(({ position, text }) => [position, text]));
    return asked.map((_, index) => texts.get(index + 1));
  }

  list({ userId, status, after = NEWEST, limit }: OrderSearch): Promise<ListedJson[]> {
    const run = (text: string, ...more: unknown[]) =>
      rowsOf<ListedJson>(this.dataSource, text, [after, limit, ...more]);
    if (userId !== null) return run(sql.LIST_MINE, userId, status ?? null);
    return status ? run(sql.LIST_BY_STATUS, status) : run(sql.LIST_ALL);
  }

  /** What happened to an order and around it, oldest first. */
  timeline(search: { orderId: string; after?: string; limit: number }): Promise<TimelineEntry[]> {
    const { orderId, after = null, limit } = search;
    return rowsOf(this.dataSource, sql.TIMELINE, [orderId, after, limit]);
  }

  async isVisible(orderId: string, userId: string | null): Promise<boolean> {
    return (await rowOf(this.dataSource, sql.IS_VISIBLE, [orderId, userId])) !== undefined;
  }

  async summaryOf(orderId: string): Promise<OrderSummary | null> {
    return (await rowOf<OrderSummary>(this.dataSource, sql.SUMMARY, [orderId])) ?? null;
  }

  async lock(tx: Transaction, orderId: string): Promise<OrderStanding> {
    return this.lockVisible(tx, orderId, null);
  }

  async lockPayable(tx: Transaction, orderId: string, userId: string): Promise<PayableOrder> {
    const order = await this.lockVisible(tx, orderId, userId);
    if (order.status !== 'pending') throw new OrderNotPayable(orderId, order.status);
    if (order.isExpired) throw new OrderNotPayable(orderId, 'expired');
    return order;
  }

  /** Holds the row until `tx` ends. `userId` as in {@link get}. */
  async lockVisible(tx: Transaction, orderId: string, userId: string | null): Promise<LockedRow> {
    return (await rowOf<LockedRow>(tx, sql.LOCK, [orderId, userId])) ?? raise(new OrderNotFound(orderId));
  }

  async extend(tx: Transaction, orderId: string, seconds: number): Promise<void> {
    await tx.query(sql.EXTEND, [orderId, seconds]);
  }

  itemsOf(tx: Transaction, orderId: string): Promise<WantedItem[]> {
    return rowsOf(tx, sql.ITEMS_OF, [orderId]);
  }

  async complete(tx: Transaction, orderId: string): Promise<boolean> {
    const event = eventFacts('order.completed', { orderId, userId: '' });
    const parameters = [orderId, event.id, event.name, event.payload, event.metadata, event.subscribers];
    return (await rowOf(tx, sql.COMPLETE, [...parameters, statusesBefore('completed')])) !== undefined;
  }

  /** Moves a locked order to `cancelled`; null when it has left `pending`. `words` are the customer's own. */
  async cancel(
    tx: Transaction,
    orderId: string,
    { cause, words = null }: { cause: CancelCause; words?: string | null },
  ): Promise<OrderView | null> {
    const event = eventFacts('order.cancelled', { orderId, userId: '', reason: cause });
    const parameters = [orderId, event.id, event.name, event.payload, event.metadata, event.subscribers];
    const row = await rowOf<{ view: OrderView }>(tx, sql.CANCEL, [...parameters, statusesBefore('cancelled'), words]);
    return row?.view ?? null;
  }

  listExpired(after: ExpiryCursor, limit: number): Promise<ExpiryCursor[]> {
    return rowsOf(this.dataSource, sql.EXPIRED, [after.expiresAt, after.id, limit]);
  }

  /** False when the order is not to expire any more, or somebody else holds it: the next round sees it again. */
  async lockExpired(tx: Transaction, orderId: string): Promise<boolean> {
    return (await rowOf(tx, sql.LOCK_EXPIRED, [orderId])) !== undefined;
  }
}
