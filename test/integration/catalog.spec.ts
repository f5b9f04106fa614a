import { ProductNotFound, SkuTaken, StockBelowZero } from '../../src/domains/catalog/product.errors.js';
import { ProductsService } from '../../src/domains/catalog/products.service.js';
import { seedProducts } from '../../src/domains/catalog/products.seed.js';
import { isId, newId } from '../../src/shared/ids.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { anOrder, aProduct, aUser, miscounted, openDesk, stockOf, type OrderDesk } from './orders.fixture.js';

let database: TestDatabase;
let desk: OrderDesk;
let service: ProductsService;

beforeEach(async () => {
  database = await createTestDatabase();
  desk = await openDesk(database);
  service = new ProductsService(desk.products, desk.stock, desk.transactions, desk.config);
});

afterEach(async () => {
  await desk.close();
  await database.drop();
});

async function eventsOf(productId: string): Promise<string[]> {
  const rows = await database.query<{ event: string }>(
    `SELECT name || ':' || version AS event FROM events WHERE stream = 'product-' || $1 ORDER BY version`,
    [productId],
  );
  return rows.map(({ event }) => event);
}

const anyone = { withInactive: false };

describe('the catalogue', () => {
  it('records what admins do, one version after the other, and orders do not raise it', async () => {
    const user = await aUser(database);
    const { id } = await service.create({ sku: 'MUG', name: 'Mug', unitAmount: 1_490 });
    await service.adjustStock({ productId: id, delta: 5, reason: 'delivery', actorId: user.id });
    await anOrder(desk, user.id, { items: [{ productId: id, quantity: 1 }] });
    await service.change(id, { unitAmount: 1_590 });
    await service.change(id, { unitAmount: 1_590 });

    expect(await eventsOf(id)).toEqual(['product.created:1', 'stock.adjusted:2', 'product.changed:3']);
    expect(await desk.products.get(id, anyone)).toEqual({
      id,
      sku: 'MUG',
      name: 'Mug',
      description: '',
      unitAmount: 1_590,
      currency: 'USD',
      available: 4,
      isActive: true,
    });
    expect(await database.query(`SELECT delta, reason, actor_id FROM stock_adjustments`)).toEqual([
      { delta: 5, reason: 'delivery', actor_id: user.id },
    ]);
  });

  it('leaves a placed order at the price and name it froze', async () => {
    const user = await aUser(database);
    const { id } = await aProduct(desk, { stock: 1, name: 'Mug', unitAmount: 1_490 });
    const { body } = await anOrder(desk, user.id, { items: [{ productId: id, quantity: 1 }] });

    await service.change(id, { name: 'Cup', unitAmount: 2_000 });

    expect((await desk.orders.get(body.id, null)).parse().items[0]).toMatchObject({ name: 'Mug', unitAmount: 1_490 });
  });

  it('gives an SKU to one product only', async () => {
    await aProduct(desk, { sku: 'MUG' });
    const { id } = await aProduct(desk, { sku: 'CUP' });

    await expect(service.create({ sku: 'MUG', name: 'Another', unitAmount: 1 })).rejects.toBeInstanceOf(SkuTaken);
    await expect(service.change(id, { sku: 'MUG' })).rejects.toBeInstanceOf(SkuTaken);
    expect(await eventsOf(id)).toEqual(['product.created:1']);
  });

  it('shows an inactive product to admins only', async () => {
    const { id } = await aProduct(desk, { isActive: false });

    await expect(desk.products.get(id, anyone)).rejects.toBeInstanceOf(ProductNotFound);
    expect(await desk.products.list({ ...anyone, limit: 9 })).toEqual([]);
    expect(await desk.products.get(id, { withInactive: true })).toMatchObject({ id, isActive: false });
    expect(await desk.products.list({ withInactive: true, limit: 9 })).toHaveLength(1);
  });

  it('searches name, SKU and description for the text itself, not for a pattern', async () => {
    const named = await aProduct(desk, { name: 'Sale 50% off' });
    const sku = await aProduct(desk, { sku: 'MUG_50' });
    const described = await aProduct(desk, { description: 'Holds 50 ml. \\o/', currency: 'JPY' });
    const find = async (q: string, currency?: string) =>
      (await desk.products.list({ ...anyone, q, currency, limit: 9 })).map(({ id }) => id);

    expect(await find('50')).toEqual([named.id, sku.id, described.id]);
    expect(await find('50%')).toEqual([named.id]);
    expect(await find('g_5')).toEqual([sku.id]);
    expect(await find('\\O/')).toEqual([described.id]);
    expect(await find('50', 'JPY')).toEqual([described.id]);
    expect(await find('%')).toEqual([named.id]);
  });
});

describe('adjusting stock', () => {
  it('never goes below zero, and counts every one of many at once', async () => {
    const { id: productId } = await aProduct(desk, { stock: 10 });
    const adjust = (delta: number) => service.adjustStock({ productId, delta, reason: 'count', actorId: null });

    await expect(adjust(-11)).rejects.toBeInstanceOf(StockBelowZero);
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => adjust(-1)));

    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
    expect(await stockOf(database, productId)).toBe(0);
    expect(await miscounted(database)).toEqual([]);
    expect(await eventsOf(productId)).toHaveLength(12);
  });

  it('does not know a product that is not there', async () => {
    const adjusting = service.adjustStock({ productId: newId(), delta: 1, reason: 'count', actorId: null });
    await expect(adjusting).rejects.toBeInstanceOf(ProductNotFound);
  });
});

describe('the seed', () => {
  it('fills an empty shop with fifty products and changes nothing the second time', async () => {
    const seed = () => desk.transactions.run((tx) => seedProducts(tx, 'USD'));

    expect(await seed()).toBe(50);
    const before = await database.query(`SELECT * FROM products ORDER BY id`);
    await desk.transactions.run((tx) => tx.query(`UPDATE products SET name = 'Renamed' WHERE sku = 'MUG-BLUE-350'`));
    expect(await seed()).toBe(0);

    expect(before.map(({ id }) => isId(id))).not.toContain(false);
    expect(before[0]).toMatchObject({ sku: 'MUG-BLUE-350', currency: 'USD', unit_amount: '1490', stock_on_hand: 400 });
    expect(await database.query(`SELECT id FROM products WHERE name = 'Renamed'`)).toHaveLength(1);
    expect(await database.query(`SELECT id FROM stock_adjustments`)).toHaveLength(50);
    expect(await miscounted(database)).toEqual([]);
  });
});

describe('the entities', () => {
  const differences = async () => {
    const { upQueries } = await desk.dataSource.driver.createSchemaBuilder().log();
    return upQueries.map(({ query }) => query).filter((query) => /products|stock_adj|orders|order_items/.test(query));
  };

  it('agree with the migrations', async () => {
    expect(await differences()).toEqual([]);
  });

  it('control: a table that lost a rule and an index does not agree', async () => {
    await database.query(`ALTER TABLE orders DROP CONSTRAINT orders_user_id_fkey`);
    await database.query(`DROP INDEX orders_expiring_idx`);

    expect(await differences()).toHaveLength(2);
  });
});
