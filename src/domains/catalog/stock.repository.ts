import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { OutOfStock, ProductUnavailable, ShelfIsShort, UnknownProduct } from '../../contracts/product-errors.js';
import type { ProductShelf, TakenItem, WantedItem } from '../../contracts/product-shelf.js';
import type { Transaction } from '../../contracts/transaction.js';
import { violates } from '../../platform/database/postgres-errors.js';
import { rowOf, rowsOf } from '../../platform/database/sql.js';
import { eventFacts } from '../../platform/events/events.js';
import { newId } from '../../shared/ids.js';
import type { DomainError } from '../../shared/errors.js';
import { ProductNotFound, StockBelowZero } from './product.errors.js';
import * as sql from './stock.sql.js';

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
    await tx.query(sql.GIVE_BACK, columns(items));
  }

  async refusalOf(items: readonly WantedItem[]): Promise<DomainError> {
    const shelf = await rowsOf<ShelfRow>(this.dataSource, sql.LOOK, [items.map(({ productId }) => productId)]);
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
      const row = await rowOf<{ stockOnHand: number }>(tx, sql.ADJUST, parameters);
      if (!row) throw new ProductNotFound(productId);
      return row.stockOnHand;
    } catch (error) {
      throw violates(error, NOT_NEGATIVE) ? new StockBelowZero(delta) : error;
    }
  }

  private async taken(tx: Transaction, items: readonly WantedItem[]): Promise<TakenRow[]> {
    try {
      return await rowsOf<TakenRow>(tx, sql.TAKE, columns(items));
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
