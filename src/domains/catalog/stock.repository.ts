import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { OutOfStock, ProductUnavailable, ShelfIsShort, UnknownProduct } from '../../contracts/product-errors.js';
import type { ProductShelf, TakenItem, WantedItem } from '../../contracts/product-shelf.js';
import type { Transaction } from '../../contracts/transaction.js';
import { violates } from '../../platform/database/postgres-errors.js';
import { rowOf, rowsOf } from '../../platform/database/sql.js';
import { prepared } from '../../platform/database/statements.js';
import { eventFacts } from '../../platform/events/events.js';
import { newId } from '../../shared/ids.js';
import type { DomainError } from '../../shared/errors.js';
import { ProductNotFound, StockBelowZero } from './product.errors.js';

/** Units that come or go other than by an order. `actorId` is the admin, null for the seed. */
export interface Adjustment {
  readonly productId: string;
  readonly delta: number;
  readonly reason: string;
  readonly actorId: string | null;
}

type TakenRow = TakenItem & { readonly isActive: boolean };

interface ShelfRow {
  productId: string;
  sku: string;
  isActive: boolean;
  available: number;
}

const NOT_NEGATIVE = 'products_stock_is_not_negative';

const WANTED = `unnest($1::uuid[], $2::integer[]) WITH ORDINALITY AS wanted (product_id, quantity, position)`;

// Locked in id order first: orders that share products queue up instead of deadlocking.
const LOCKED = `SELECT id FROM products WHERE id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE`;

// No guard (WHERE stock_on_hand >= quantity): it would take the other lines and leave the short one. The CHECK
// products_stock_is_not_negative aborts the whole statement.
const TAKE = prepared(
  'stock.take',
  `WITH locked AS (${LOCKED}), taken AS (
     UPDATE products AS p SET stock_on_hand = p.stock_on_hand - wanted.quantity
       FROM locked JOIN ${WANTED} ON wanted.product_id = locked.id
      WHERE p.id = locked.id
     RETURNING p.id, p.sku, p.name, p.unit_amount, p.currency, p.is_active, wanted.quantity, wanted.position)
   SELECT id AS "productId", sku, name, unit_amount::integer AS "unitAmount", currency, quantity::integer,
          is_active AS "isActive"
     FROM taken ORDER BY position`,
);

const GIVE_BACK = prepared(
  'stock.give_back',
  `WITH locked AS (${LOCKED})
   UPDATE products AS p SET stock_on_hand = p.stock_on_hand + wanted.quantity
     FROM locked JOIN ${WANTED} ON wanted.product_id = locked.id
    WHERE p.id = locked.id`,
);

const LOOK = `SELECT id AS "productId", sku, is_active AS "isActive", stock_on_hand AS available
  FROM products WHERE id = ANY ($1::uuid[])`;

const ADJUST = `
  WITH adjusted AS (
    UPDATE products SET stock_on_hand = stock_on_hand + $2, version = version + 1, updated_at = now()
     WHERE id = $1 RETURNING id, version, stock_on_hand),
  noted AS (
    INSERT INTO stock_adjustments (id, product_id, delta, reason, actor_id) SELECT $3, id, $2, $4, $5 FROM adjusted)
  SELECT stock_on_hand AS "stockOnHand",
         append_event($6, 'product-' || id, version, NULL, $7, $8, $9, $10) AS recorded FROM adjusted`;

/** The units behind the products: what orders take and give back, and what admins count. */
@Injectable()
export class StockRepository implements ProductShelf {
  constructor(private readonly dataSource: DataSource) {}

  async take(tx: Transaction, items: readonly WantedItem[]): Promise<TakenItem[]> {
    const taken = await this.taken(tx, items);
    const refusal = refusalBefore(items, taken);
    if (refusal) throw refusal;
    return taken.map(({ isActive: _, ...item }) => item);
  }

  async giveBack(tx: Transaction, items: readonly WantedItem[]): Promise<void> {
    await tx.query(GIVE_BACK, columns(items));
  }

  async refusalOf(items: readonly WantedItem[]): Promise<DomainError> {
    const shelf = await rowsOf<ShelfRow>(this.dataSource, LOOK, [items.map(({ productId }) => productId)]);
    return refusalBefore(items, shelf) ?? shortest(items, shelf);
  }

  /**
   * Moves the stock by `delta`, notes why, and records it, in one statement. Answers the units now on hand.
   * @throws ProductNotFound, StockBelowZero
   */
  async adjust(tx: Transaction, adjustment: Adjustment): Promise<number> {
    const { productId, delta, reason, actorId } = adjustment;
    const { id, name, payload, metadata, subscribers } = eventFacts('stock.adjusted', { productId, delta, reason });
    const parameters = [productId, delta, newId(), reason, actorId, id, name, payload, metadata, subscribers];
    try {
      const row = await rowOf<{ stockOnHand: number }>(tx, ADJUST, parameters);
      if (!row) throw new ProductNotFound(productId);
      return row.stockOnHand;
    } catch (error) {
      throw violates(error, NOT_NEGATIVE) ? new StockBelowZero(delta) : error;
    }
  }

  private async taken(tx: Transaction, items: readonly WantedItem[]): Promise<TakenRow[]> {
    try {
      return await rowsOf<TakenRow>(tx, TAKE, columns(items));
    } catch (error) {
      throw violates(error, NOT_NEGATIVE) ? new ShelfIsShort() : error;
    }
  }
}

function columns(items: readonly WantedItem[]): [string[], number[]] {
  return [items.map(({ productId }) => productId), items.map(({ quantity }) => quantity)];
}

/** The refusals that no amount of stock can change, in the order of the request. */
function refusalBefore(
  items: readonly WantedItem[],
  shelf: readonly { productId: string; sku: string; isActive: boolean }[],
): DomainError | undefined {
  const byId = new Map(shelf.map((product) => [product.productId, product]));
  for (const { productId } of items) {
    if (!byId.has(productId)) return new UnknownProduct(productId);
  }
  for (const { productId } of items) {
    const product = byId.get(productId);
    if (product && !product.isActive) return new ProductUnavailable(productId, product.sku);
  }
  return undefined;
}

/** The line with the least to spare; when stock came back since, it was refused all the same. */
function shortest(items: readonly WantedItem[], shelf: readonly ShelfRow[]): OutOfStock {
  const wanted = new Map(items.map(({ productId, quantity }) => [productId, quantity]));
  const lines = shelf.map(({ productId, sku, available }) => ({
    productId,
    sku,
    wanted: wanted.get(productId) ?? 0,
    available,
  }));
  const [line] = lines.sort((one, other) => one.available - one.wanted - (other.available - other.wanted));
  if (!line) throw new RangeError('an order without lines was refused');
  return new OutOfStock(line);
}
