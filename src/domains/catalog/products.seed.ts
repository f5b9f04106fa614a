import { createHash } from 'node:crypto';
import type { Transaction } from '../../contracts/transaction.js';
import { Money } from '../../shared/money.js';
import { Product } from './product.entity.js';
import { ProductsRepository } from './products.repository.js';
import { SEED_PRODUCTS } from './products.seed-data.js';
import { StockRepository } from './stock.repository.js';

const FIRST_MS = Date.UTC(2026, 0, 1);

/** A UUIDv7 as good as any, except that it is the same on every machine: time by position, the rest by SKU. */
export function seedId(sku: string, position: number): string {
  const time = (FIRST_MS + position).toString(16).padStart(12, '0');
  const hash = createHash('sha256').update(sku).digest('hex');
  const rest = `7${hash.slice(0, 3)}-8${hash.slice(3, 6)}-${hash.slice(6, 18)}`;
  return `${time.slice(0, 8)}-${time.slice(8)}-${rest}`;
}

/** Fills an empty shop and answers how many products it added. What is there already stays as it is. */
export async function seedProducts(tx: Transaction, storeCurrency: string): Promise<number> {
  const products = new ProductsRepository(tx.dataSource);
  const stock = new StockRepository(tx.dataSource);
  let added = 0;
  for (const [position, [sku, name, description, cents, delta]] of SEED_PRODUCTS.entries()) {
    const unitAmount = minorUnits(cents, storeCurrency);
    const facts = { sku, name, description, unitAmount, currency: storeCurrency, isActive: true };
    const product = Product.create(facts, seedId(sku, position));
    if (!(await products.insert(tx, product))) continue;
    await stock.adjust(tx, { productId: product.id, delta, reason: 'initial stock', actorId: null });
    added++;
  }
  return added;
}

/** Prices are written in hundredths; a currency without decimals takes the same number of its units (14.90 → 1490). */
function minorUnits(cents: number, currency: string): number {
  return Money.of(1, currency).decimals === 3 ? cents * 10 : cents;
}
