import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import type { TakenItem } from '../../contracts/product-shelf.js';
import { safeInteger } from '../../platform/database/bigint.transformer.js';
import { newId } from '../../shared/ids.js';
import { Money, ORDER_TOTAL_MAX } from '../../shared/money.js';
import { MixedCurrencies, OrderTotalTooLarge } from './order.errors.js';
import type { OrderStatus } from './order-status.js';

/** Somebody's wish to buy. Amounts are minor units of `currency`; every time is PostgreSQL's. */
@Entity('orders')
@Index('orders_user_id_idx', ['userId', 'id'])
@Index('orders_status_idx', ['status', 'id'])
@Index('orders_expiring_idx', ['expiresAt', 'id'], { where: "status = 'pending'" })
@Check('orders_status_is_known', 'see the migration')
@Check('orders_total_is_positive', 'see the migration')
@Check('orders_currency_is_iso_4217', 'see the migration')
export class Order {
  @PrimaryColumn('uuid') id!: string;
  @ForeignKey('User') @Column('uuid') userId!: string;
  @Column('text', { default: 'pending' }) status!: OrderStatus;
  @Column('text') currency!: string;
  @Column('bigint', { transformer: safeInteger }) totalAmount!: number;
  @Column('timestamptz') expiresAt!: Date;
  /** The customer's own words, if any: here, where they can be erased, and never in an event. */
  @Column('text', { nullable: true }) cancelReason!: string | null;
  @Column('integer', { default: 1 }) version!: number;
  @Column('timestamptz', { default: () => 'now()' }) createdAt!: Date;
  @Column('timestamptz', { default: () => 'now()' }) updatedAt!: Date;

  /**
   * What a new order is, all but its times, which the database decides. One currency, one total within the limit.
   * @throws MixedCurrencies, OrderTotalTooLarge
   */
  static place(userId: string, items: readonly TakenItem[]): NewOrder {
    const [currency = '', ...others] = new Set(items.map((item) => item.currency));
    if (others.length > 0) throw new MixedCurrencies([currency, ...others]);
    const total = items.reduce(
      (sum, { unitAmount, quantity }) => sum.plus(Money.of(unitAmount, currency).times(quantity)),
      Money.of(0, currency),
    );
    if (total.amount > ORDER_TOTAL_MAX) throw new OrderTotalTooLarge(total.amount, currency);
    const frozen = items.map(({ currency: _, ...item }) => item);
    return { id: newId(), userId, currency, totalAmount: total.amount, items: frozen };
  }
}

/** An order about to be inserted, with its lines in the order they were asked for. */
export interface NewOrder {
  readonly id: string;
  readonly userId: string;
  readonly currency: string;
  readonly totalAmount: number;
  readonly items: readonly Omit<TakenItem, 'currency'>[];
}

/** One line, frozen at the moment of ordering: a later price or name does not change what was bought. */
@Entity('order_items')
@Check('order_items_unit_amount_is_positive', 'see the migration')
@Check('order_items_quantity_is_in_range', 'see the migration')
export class OrderItem {
  @ForeignKey('Order') @PrimaryColumn('uuid') orderId!: string;
  @ForeignKey('Product') @PrimaryColumn('uuid') productId!: string;
  @Column('integer') position!: number;
  @Column('text') sku!: string;
  @Column('text') name!: string;
  @Column('bigint', { transformer: safeInteger }) unitAmount!: number;
  @Column('integer') quantity!: number;
}
