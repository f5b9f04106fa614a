import type { DomainError } from '../shared/errors.js';
import type { Transaction } from './transaction.js';

export interface WantedItem {
  readonly productId: string;
  readonly quantity: number;
}

/** A line as it is frozen at the moment of ordering. Amounts are minor units of `currency`. */
export interface TakenItem extends WantedItem {
  readonly sku: string;
  readonly name: string;
  readonly unitAmount: number;
  readonly currency: string;
}

/** What orders ask of the catalogue. Implemented by the catalogue, bound in `app/ports.module.ts`. */
export abstract class ProductShelf {
  /**
   * Takes all items off the shelf or none, locking products in id order. Each product may be named once.
   * @throws UnknownProduct, ProductUnavailable, and ShelfIsShort, which leaves `tx` fit for nothing but its rollback
   */
  abstract take(tx: Transaction, items: readonly WantedItem[]): Promise<TakenItem[]>;

  /** Gives the items of a cancelled order back. The caller makes sure that this happens once. */
  abstract giveBack(tx: Transaction, items: readonly WantedItem[]): Promise<void>;

  /** Tells in detail why `items` were refused, read after the rollback: UnknownProduct, ProductUnavailable or OutOfStock. */
  abstract refusalOf(items: readonly WantedItem[]): Promise<DomainError>;
}
