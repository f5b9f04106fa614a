import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../platform/config/config.js';
import { Transactions } from '../../platform/database/transactions.js';
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
    if (!(await this.transactions.run((tx) => this.products.insert(tx, product)))) throw new SkuTaken(product.sku);
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
      if (product.change(facts)) await this.products.save(tx, product);
      return product;
    });
  }

  /** @throws ProductNotFound, StockBelowZero */
  adjustStock(adjustment: Adjustment): Promise<number> {
    return this.transactions.run((tx) => this.stock.adjust(tx, adjustment));
  }
}
