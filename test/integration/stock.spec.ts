import { OutOfStock, ProductUnavailable, UnknownProduct } from '../../src/contracts/product-errors.js';
import { newId } from '../../src/shared/ids.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { anOrder, aProduct, aUser, miscounted, openDesk, stockOf, type OrderDesk } from './orders.fixture.js';

let database: TestDatabase;
let desk: OrderDesk;

beforeEach(async () => {
  database = await createTestDatabase();
  desk = await openDesk(database);
});

afterEach(async () => {
  await desk.close();
  await database.drop();
});

/** Ten buyers at the same moment, each wanting one of three units. */
async function tenBuyersForThree() {
  const { id: productId } = await aProduct(desk, { stock: 3 });
  const buyers = await Promise.all(Array.from({ length: 10 }, () => aUser(database)));
  const outcomes = await Promise.allSettled(
    buyers.map(({ id }) => anOrder(desk, id, { items: [{ productId, quantity: 1 }] })),
  );
  const refusals = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as Error] : []));
  return { productId, refusals };
}

describe('taking stock', () => {
  it('sells three units to exactly three of ten buyers', async () => {
    const { productId, refusals } = await tenBuyersForThree();

    expect(refusals).toHaveLength(7);
    for (const refusal of refusals) expect(refusal).toBeInstanceOf(OutOfStock);
    expect(await stockOf(database, productId)).toBe(0);
    expect(await database.query(`SELECT id FROM orders`)).toHaveLength(3);
    expect(await miscounted(database)).toEqual([]);
  });

  it('control: without the check on the column it oversells', async () => {
    await database.query(`ALTER TABLE products DROP CONSTRAINT products_stock_is_not_negative`);

    const { productId, refusals } = await tenBuyersForThree();

    expect(refusals).toHaveLength(0);
    expect(await stockOf(database, productId)).toBe(-7);
    expect(await miscounted(database)).toHaveLength(1);
  });

  it('takes no line of an order when one of them is short, and says which and how many are left', async () => {
    const user = await aUser(database);
    const plenty = await aProduct(desk, { stock: 50 });
    const short = await aProduct(desk, { stock: 2, sku: 'SHORT-1' });

    const placing = anOrder(desk, user.id, {
      items: [
        { productId: plenty.id, quantity: 5 },
        { productId: short.id, quantity: 3 },
      ],
    });

    await expect(placing).rejects.toMatchObject({
      problem: { code: 'out-of-stock', kind: 'conflict' },
      extensions: { productId: short.id, sku: 'SHORT-1', wanted: 3, available: 2 },
    });
    expect(await stockOf(database, plenty.id)).toBe(50);
    expect(await stockOf(database, short.id)).toBe(2);
    expect(await database.query(`SELECT key FROM idempotency_keys`)).toEqual([]);
  });

  it('refuses an unknown product first, then one that is not for sale, then a short one', async () => {
    const user = await aUser(database);
    const short = { productId: (await aProduct(desk, { stock: 1 })).id, quantity: 2 };
    const inactive = { productId: (await aProduct(desk, { stock: 9, isActive: false })).id, quantity: 1 };
    const unknown = { productId: newId(), quantity: 1 };
    const place = (...items: (typeof short)[]) => anOrder(desk, user.id, { items });

    await expect(place(short, inactive, unknown)).rejects.toBeInstanceOf(UnknownProduct);
    await expect(place(inactive, unknown)).rejects.toBeInstanceOf(UnknownProduct);
    await expect(place(short, inactive)).rejects.toBeInstanceOf(ProductUnavailable);
    await expect(place(inactive)).rejects.toBeInstanceOf(ProductUnavailable);
    await expect(place(short)).rejects.toBeInstanceOf(OutOfStock);
    expect(await miscounted(database)).toEqual([]);
  });

  it('lets 64 orders over the same products in opposite order through, none of them twice', async () => {
    const user = await aUser(database);
    const products = await Promise.all(Array.from({ length: 8 }, () => aProduct(desk, { stock: 1_000 })));
    const items = products.map(({ id: productId }) => ({ productId, quantity: 1 }));
    const take = jest.spyOn(desk.stock, 'take');

    await Promise.all(
      Array.from({ length: 64 }, (_, n) =>
        anOrder(desk, user.id, { items: n % 2 === 0 ? items : [...items].reverse() }),
      ),
    );

    // A deadlock would have been broken by PostgreSQL and tried again.
    expect(take).toHaveBeenCalledTimes(64);
    expect(await stockOf(database, products[0]?.id ?? '')).toBe(936);
    expect(await miscounted(database)).toEqual([]);
  });

  it('control: taking the lines one after the other, as they were asked for, deadlocks', async () => {
    const user = await aUser(database);
    const items = [await aProduct(desk, { stock: 9 }), await aProduct(desk, { stock: 9 })].map(({ id }) => ({
      productId: id,
      quantity: 1,
    }));
    const takeAll = desk.stock.take.bind(desk.stock);
    let started = 0;
    let bothHoldOne = () => undefined as void;
    const both = new Promise<void>((resolve) => (bothHoldOne = resolve));
    const take = jest.spyOn(desk.stock, 'take').mockImplementation(async (tx, wanted) => {
      const first = await takeAll(tx, wanted.slice(0, 1));
      if (++started === 2) bothHoldOne();
      await both;
      return [...first, ...(await takeAll(tx, wanted.slice(1)))];
    });

    await Promise.all([anOrder(desk, user.id, { items }), anOrder(desk, user.id, { items: [...items].reverse() })]);

    expect(take).toHaveBeenCalledTimes(3);
    expect(await miscounted(database)).toEqual([]);
  });

  it('keeps a pool of two alive when everybody is refused at once', async () => {
    const small = await openDesk(database, { DATABASE_POOL_MAX: '2' });
    try {
      const user = await aUser(database);
      const { id: productId } = await aProduct(desk, { stock: 1 });
      const outcomes = await Promise.allSettled(
        Array.from({ length: 20 }, () => anOrder(small, user.id, { items: [{ productId, quantity: 2 }] })),
      );
      const codes = outcomes.map((outcome) =>
        outcome.status === 'rejected' ? (outcome.reason as Error).name : 'sold',
      );
      expect(new Set(codes)).toEqual(new Set(['OutOfStock']));
    } finally {
      await small.close();
    }
  });
});
