import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../platform/config/config.js';
import { Transactions } from '../../platform/database/transactions.js';
import { Money } from '../../shared/money.js';
import { Product } from './product.entity.js';
import { SkuTaken } from './product.errors.js';
import { SEED_PRODUCTS, type SeedProduct } from './products.seed-data.js';
import { ProductsRepository } from './products.repository.js';
import { StockRepository } from './stock.repository.js';

const FIRST_MS = Date.UTC(2026, 0, 1);

/** A UUIDv7 as good as any, except that it is the same on every machine: time by position, the rest by SKU. */
export function seedId(sku: string, position: number): string {
  const time = (FIRST_MS + position).toString(16).padStart(12, '0');
  const hash = createHash('sha256').update(sku).digest('hex');
  const rest = `7${hash.slice(0, 3)}-8${hash.slice(3, 6)}-${hash.slice(6, 18)}`;
  return `${time.slice(0, 8)}-${time.slice(8)}-${rest}`;
}

/** Fills an empty shop. What is there already is left as it is, so a second run changes nothing. */
@Injectable()
export class ProductsSeed {
  constructor(
    private readonly products: ProductsRepository,
    private readonly stock: StockRepository,
    private readonly transactions: Transactions,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** How many products it added. */
  async run(): Promise<number> {
    let added = 0;
    for (const [position, seed] of SEED_PRODUCTS.entries()) {
      if (await this.add(seed, position)) added++;
    }
    return added;
  }

  private async add([sku, name, description, cents, stock]: SeedProduct, position: number): Promise<boolean> {
    const currency = this.config.STORE_CURRENCY;
    const facts = { sku, name, description, unitAmount: minorUnits(cents, currency), currency, isActive: true };
    const product = Product.create(facts, seedId(sku, position));
    try {
      return await this.transactions.run(async (tx) => {
        if (!(await this.products.insert(tx, product))) return false;
        await this.stock.adjust(tx, { productId: product.id, delta: stock, reason: 'initial stock', actorId: null });
        return true;
      });
    } catch (error) {
      if (error instanceof SkuTaken) return false;
      throw error;
    }
  }
}

/** Prices are written in hundredths; a currency without decimals takes the same number of its units (14.90 → 1490). */
function minorUnits(cents: number, currency: string): number {
  return Money.of(1, currency).decimals === 3 ? cents * 10 : cents;
}
