import { DataSource } from 'typeorm';
import { ALL_ENTITIES } from '../../src/app/entities.js';
import type { Principal } from '../../src/contracts/roles.js';
import type { WantedItem } from '../../src/contracts/product-shelf.js';
import { Product, type ProductFacts } from '../../src/domains/catalog/product.entity.js';
import { ProductsRepository } from '../../src/domains/catalog/products.repository.js';
import { StockRepository } from '../../src/domains/catalog/stock.repository.js';
import { OrderCancellationService } from '../../src/domains/orders/order-cancellation.service.js';
import { OrderExpiryService } from '../../src/domains/orders/order-expiry.service.js';
import { OrderPlacementService } from '../../src/domains/orders/order-placement.service.js';
import { OrdersRepository } from '../../src/domains/orders/orders.repository.js';
import { PaymentsRepository } from '../../src/domains/payments/payments.repository.js';
import { readConfig, type Config } from '../../src/platform/config/config.js';
import { dataSourceOptions } from '../../src/platform/database/data-source.js';
import { Idempotency } from '../../src/platform/database/idempotency.js';
import { Transactions } from '../../src/platform/database/transactions.js';
import { newId } from '../../src/shared/ids.js';
import type { TestDatabase } from './database.js';

/** Catalogue and orders on one database, put together as the application does, without its doors. */
export interface Shop {
  readonly config: Config;
  readonly dataSource: DataSource;
  readonly transactions: Transactions;
  readonly products: ProductsRepository;
  readonly stock: StockRepository;
  readonly orders: OrdersRepository;
  readonly placement: OrderPlacementService;
  readonly cancellation: OrderCancellationService;
  readonly expiry: OrderExpiryService;
  close(): Promise<void>;
}

export async function openShop(database: TestDatabase, settings: Record<string, string> = {}): Promise<Shop> {
  const config = readConfig({
    APP_ENV: 'test',
    DATABASE_URL: database.databaseUrl,
    REDIS_URL: 'redis://127.0.0.1:6379',
    ...settings,
  });
  const dataSource = await new DataSource({ ...dataSourceOptions(config), entities: ALL_ENTITIES }).initialize();
  const transactions = new Transactions(dataSource);
  const stock = new StockRepository(dataSource);
  const orders = new OrdersRepository(dataSource);
  const cancellation = new OrderCancellationService(orders, new PaymentsRepository(dataSource), stock, transactions);
  return {
    config,
    dataSource,
    transactions,
    products: new ProductsRepository(dataSource),
    stock,
    orders,
    placement: new OrderPlacementService(stock, orders, new Idempotency(dataSource), transactions, config),
    cancellation,
    expiry: new OrderExpiryService(orders, cancellation),
    close: () => dataSource.destroy(),
  };
}

/** Somebody who may buy; the roles are only what the principal says. */
export async function aUser(database: TestDatabase, roles: Principal['roles'] = ['user']): Promise<Principal> {
  const id = newId();
  const email = `${id}@example.test`;
  await database.query(`INSERT INTO users (id, email, password_hash) VALUES ($1, $2, 'x')`, [id, email]);
  return { id, email, roles, sessionId: newId() };
}

/** A product with this many units on its shelf. */
export async function aProduct(shop: Shop, { stock = 0, ...facts }: Partial<ProductFacts> & { stock?: number } = {}) {
  const standard = { name: 'A thing', description: '', unitAmount: 1_000, currency: 'USD', isActive: true };
  const product = Product.create({ sku: `SKU-${newId()}`, ...standard, ...facts });
  await shop.transactions.run(async (tx) => {
    await shop.products.insert(tx, product);
    if (stock === 0) return;
    await shop.stock.adjust(tx, { productId: product.id, delta: stock, reason: 'delivery', actorId: null });
  });
  return product;
}

/** One placing under a key of its own, unless told otherwise. */
export function anOrder(shop: Shop, userId: string, order: { items: WantedItem[]; key?: string }) {
  const { items, key = newId() } = order;
  return shop.placement.place({ userId, key, request: { items } });
}

/** Units on the shelf now. */
export async function stockOf(database: TestDatabase, productId: string): Promise<number | undefined> {
  const [row] = await database.query<{ stock: number }>(`SELECT stock_on_hand AS stock FROM products WHERE id = $1`, [
    productId,
  ]);
  return row?.stock;
}

/**
 * Products whose stock is not what adjustments and orders add up to. Always none: nothing is sold twice, nothing is
 * given back twice, and nothing gets lost.
 */
export function miscounted(database: TestDatabase): Promise<{ sku: string }[]> {
  return database.query(`
    SELECT p.sku FROM products AS p
     WHERE p.stock_on_hand < 0 OR p.stock_on_hand <>
       (SELECT coalesce(sum(delta), 0) FROM stock_adjustments WHERE product_id = p.id) -
       (SELECT coalesce(sum(i.quantity), 0) FROM order_items AS i JOIN orders AS o ON o.id = i.order_id
         WHERE i.product_id = p.id AND o.status <> 'cancelled')`);
}
