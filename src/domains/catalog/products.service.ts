import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../platform/config/config.js';
import { Transactions } from '../../platform/database/transactions.js';
import { recordAct } from '../../platform/audit/acts.js';
import { Product, type ProductFacts } from './product.entity.js';
import { SkuTaken } from './product.errors.js';
import type { ChangeProduct, CreateProduct } from './products.dto.js';
import { ProductsRepository } from './products.repository.js';
import { StockRepository, type Adjustment } from './stock.repository.js';

/** What admins do to the catalogue. Every change is recorded with it. */
@Injectable()
export class ProductsService {
  constructor(
    private readonly products: ProductsRepository,
    private readonly stock: StockRepository,
    private readonly transactions: Transactions,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** @throws SkuTaken */
  async create(request: CreateProduct): Promise<Product> {
    const { description = '', currency = this.config.STORE_CURRENCY, isActive = true } = request;
    const product = Product.create({ ...request, description, currency, isActive });
    await this.transactions.run(async (tx) => {
      if (!(await this.products.insert(tx, product))) throw new SkuTaken(product.sku);
      await recordAct(tx, { act: 'products.create', subject: `product-${product.id}`, after: request });
    });
    return product;
  }

  /**
   * Changes what is named and leaves the rest; placed orders keep what they froze.
   * @throws ProductNotFound, SkuTaken
   */
  change(id: string, request: ChangeProduct): Promise<Product> {
    const facts: Partial<ProductFacts> = { ...request };
    return this.transactions.run(async (tx) => {
      const product = await this.products.lock(tx, id);
      const before = namesake(facts, product);
      if (!product.change(facts)) return product;
      await this.products.save(tx, product);
      await recordAct(tx, {
        act: 'products.change',
        subject: `product-${id}`,
        before,
        after: namesake(facts, product),
      });
      return product;
    });
  }

  /** @throws ProductNotFound, StockBelowZero */
  adjustStock(adjustment: Adjustment): Promise<number> {
    const { productId, delta, reason } = adjustment;
    return this.transactions.run(async (tx) => {
      const stockOnHand = await this.stock.adjust(tx, adjustment);
      const before = { stockOnHand: stockOnHand - delta };
      const after = { stockOnHand, reason };
      await recordAct(tx, { act: 'stock.adjust', subject: `product-${productId}`, before, after });
      return stockOnHand;
    });
  }
}

/** What a product says to everything that was named. */
function namesake(named: Partial<ProductFacts>, product: ProductFacts): Partial<ProductFacts> {
  const names = Object.keys(named) as (keyof ProductFacts)[];
  return Object.fromEntries(names.map((name) => [name, product[name]]));
}
