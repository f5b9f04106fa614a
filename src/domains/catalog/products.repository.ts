import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Transaction } from '../../contracts/transaction.js';
import { violates } from '../../platform/database/postgres-errors.js';
import { rowOf, rowsOf } from '../../platform/database/sql.js';
import { prepared } from '../../platform/database/statements.js';
import { eventFacts } from '../../platform/events/events.js';
import { raise } from '../../shared/errors.js';
import { ProductNotFound, SkuTaken } from './product.errors.js';
import { Product } from './product.entity.js';
import type { ProductView } from './product.view.js';

/** Which products a page shows. `q` is text a product's name, SKU or description contains, in whatever case. */
export interface ProductSearch {
  readonly q?: string;
  readonly currency?: string;
  readonly after?: string;
  readonly limit: number;
  readonly withInactive: boolean;
}

const VIEW = `id, sku, name, description, unit_amount::integer AS "unitAmount", currency,
  stock_on_hand AS available, is_active AS "isActive"`;

const FIND = prepared('products.find', `SELECT ${VIEW} FROM products WHERE id = $1 AND (is_active OR $2)`);

const LIST = prepared(
  'products.list',
  `SELECT ${VIEW} FROM products
    WHERE ($1::uuid IS NULL OR id > $1) AND (is_active OR $2) AND ($3::text IS NULL OR currency = $3)
      AND ($4::text IS NULL OR name ILIKE $4 OR sku ILIKE $4 OR description ILIKE $4)
    ORDER BY id LIMIT $5`,
);

const INSERT = `
  WITH created AS (
    INSERT INTO products (id, sku, name, description, unit_amount, currency, is_active)
      VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING id, version)
  SELECT append_event($8, 'product-' || id, version, NULL, $9, $10, $11, $12) FROM created`;

const SAVE = `
  WITH changed AS (
    UPDATE products SET sku = $2, name = $3, description = $4, unit_amount = $5, currency = $6, is_active = $7,
           version = version + 1, updated_at = now()
     WHERE id = $1 RETURNING id, version)
  SELECT append_event($8, 'product-' || id, version, NULL, $9, $10, $11, $12) FROM changed`;

@Injectable()
export class ProductsRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** @throws ProductNotFound, also for an inactive product unless `withInactive` */
  async get(id: string, { withInactive }: { withInactive: boolean }): Promise<ProductView> {
    return (await rowOf<ProductView>(this.dataSource, FIND, [id, withInactive])) ?? raise(new ProductNotFound(id));
  }

  /** Up to `limit` products behind `after`, in the order of their ids. */
  list({ q, currency, after, limit, withInactive }: ProductSearch): Promise<ProductView[]> {
    const pattern = q === undefined ? null : `%${q.replace(/[\\%_]/g, '\\$&')}%`;
    return rowsOf(this.dataSource, LIST, [after ?? null, withInactive, currency ?? null, pattern, limit]);
  }

  async lock(tx: Transaction, id: string): Promise<Product> {
    const product = await tx.findOne(Product, { where: { id }, lock: { mode: 'pessimistic_write' } });
    return product ?? raise(new ProductNotFound(id));
  }

  /** Inserts and records it; false when a product with this id or SKU is there already. */
  async insert(tx: Transaction, product: Product): Promise<boolean> {
    return (await this.write(tx, { sql: INSERT, product, event: 'product.created' })) > 0;
  }

  /**
   * Writes a locked product's facts, raises its version and records the change.
   * @throws SkuTaken
   */
  async save(tx: Transaction, product: Product): Promise<void> {
    await this.write(tx, { sql: SAVE, product, event: 'product.changed' });
  }

  private async write(
    tx: Transaction,
    { sql, product, event }: { sql: string; product: Product; event: 'product.created' | 'product.changed' },
  ): Promise<number> {
    const { id, sku, name, description, unitAmount, currency, isActive } = product;
    const { id: eventId, name: eventName, payload, metadata, subscribers } = eventFacts(event, { productId: id });
    const columns = [id, sku, name, description, unitAmount, currency, isActive];
    try {
      const written = await rowsOf(tx, sql, [...columns, eventId, eventName, payload, metadata, subscribers]);
      return written.length;
    } catch (error) {
      throw violates(error, 'products_sku_key') ? new SkuTaken(sku) : error;
    }
  }
}
