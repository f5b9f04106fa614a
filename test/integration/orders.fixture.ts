import { DataSource } from 'typeorm';
import { ALL_ENTITIES } from '../../src/app/entities.js';
import type { WantedItem } from '../../src/contracts/product-shelf.js';
import type { Principal } from '../../src/contracts/roles.js';
import { Product, type ProductFacts } from '../../src/domains/catalog/product.entity.js';
import { ProductsRepository } from '../../src/domains/catalog/products.repository.js';
import { StockRepository } from '../../src/domains/catalog/stock.repository.js';
import { OrderCancellationService } from '../../src/domains/orders/order-cancellation.service.js';
import { OrderExpiryService } from '../../src/domains/orders/order-expiry.service.js';
import { OrderPlacementService } from '../../src/domains/orders/order-placement.service.js';
import { OrdersRepository } from '../../src/domains/orders/orders.repository.js';
import { PaymentCancellationService } from '../../src/domains/payments/operations/payment-cancellation.service.js';
import { PaymentSideEffects } from '../../src/domains/payments/settlement/payment-side-effects.js';
import { RefundsRepository } from '../../src/domains/payments/refunds/refunds.repository.js';
import { ReviewsRepository } from '../../src/domains/payments/reviews/reviews.repository.js';
import { SettlementService } from '../../src/domains/payments/settlement/settlement.service.js';
import { CardPayment } from '../../src/domains/payments/strategies/card.payment.js';
import { PaymentStrategies } from '../../src/domains/payments/strategies/payment-strategies.js';
import { stripeProvider } from '../../src/domains/payments/strategies/stripe.client.js';
import { Alarms } from '../../src/platform/telemetry/alarms.js';
import { Log } from '../../src/platform/telemetry/log.js';
import { PaymentsRepository } from '../../src/domains/payments/payments.repository.js';
import type { Config } from '../../src/platform/config/config.js';
import { testConfig } from '../support/config.js';
import { dataSourceOptions } from '../../src/platform/database/data-source.js';
import { Idempotency } from '../../src/platform/database/idempotency.js';
import { Transactions } from '../../src/platform/database/transactions.js';
import { newId } from '../../src/shared/ids.js';
import type { TestDatabase } from '../support/database.js';
import { guardsOf } from '../support/provider-guards.js';

/** Catalogue and orders on one database, put together as the application does, without its doors. */
export interface OrderDesk {
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

export async function openDesk(database: TestDatabase, settings: Record<string, string> = {}): Promise<OrderDesk> {
  const config = testConfig({
    APP_ENV: 'test',
    DATABASE_URL: database.databaseUrl,
    REDIS_URL: 'redis://127.0.0.1:6379',
    ...settings,
  });
  const dataSource = await new DataSource({ ...dataSourceOptions(config), entities: ALL_ENTITIES }).initialize();
  const transactions = new Transactions(dataSource);
  const stock = new StockRepository(dataSource);
  const orders = new OrdersRepository(dataSource);
  const payments = new PaymentsRepository(dataSource);
  const ending = paymentEnding({ config, dataSource, transactions, orders, payments });
  const cancellation = new OrderCancellationService(orders, payments, ending, stock, transactions);
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

interface PaymentParts {
  readonly config: Config;
  readonly dataSource: DataSource;
  readonly transactions: Transactions;
  readonly orders: OrdersRepository;
  readonly payments: PaymentsRepository;
}

/** The real one; its provider is out of reach, as nothing here has a provider's id. */
function paymentEnding({
  config,
  dataSource,
  transactions,
  orders,
  payments,
}: PaymentParts): PaymentCancellationService {
  const sideEffects = new PaymentSideEffects(
    payments,
    new RefundsRepository(dataSource),
    new ReviewsRepository(),
    new Alarms(new Log(config)),
  );
  const idempotency = new Idempotency(dataSource);
  const settlement = new SettlementService(transactions, payments, orders, sideEffects, idempotency, config);
  const strategies = new PaymentStrategies(new CardPayment(stripeProvider.useFactory(config, guardsOf(config))));
  return new PaymentCancellationService(payments, strategies, settlement);
}

/** Somebody who may buy. */
export async function aUser(database: TestDatabase): Promise<Principal> {
  const id = newId();
  const email = `${id}@example.test`;
  await database.query(`INSERT INTO users (id, email, password_hash) VALUES ($1, $2, 'x')`, [id, email]);
  return { id, email, roles: ['user'] };
}

/** A product with this many units on its shelf. */
export async function aProduct(
  desk: OrderDesk,
  { stock = 0, ...facts }: Partial<ProductFacts> & { stock?: number } = {},
) {
  const standard = { name: 'A thing', description: '', unitAmount: 1_000, currency: 'USD', isActive: true };
  const product = Product.create({ sku: `SKU-${newId()}`, ...standard, ...facts });
  await desk.transactions.run(async (tx) => {
    await desk.products.insert(tx, product);
    if (stock === 0) return;
    await desk.stock.adjust(tx, { productId: product.id, delta: stock, reason: 'delivery', actorId: null });
  });
  return product;
}

/** One placing under a key of its own, unless told otherwise. */
export function anOrder(desk: OrderDesk, userId: string, order: { items: WantedItem[]; key?: string }) {
  const { items, key = newId() } = order;
  return desk.placement.place({ userId, key, request: { items } });
}

/** Units on the shelf now. */
export async function stockOf(database: TestDatabase, productId: string): Promise<number | undefined> {
  const sql = `SELECT stock_on_hand AS stock FROM products WHERE id = $1`;
  const [row] = await database.query<{ stock: number }>(sql, [productId]);
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
