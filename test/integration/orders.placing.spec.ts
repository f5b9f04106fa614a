import { MixedCurrencies, OrderTotalTooLarge } from '../../src/domains/orders/order.errors.js';
import { IdempotencyKeyReused, RequestInProgress } from '../../src/platform/database/idempotency.js';
import { newId } from '../../src/shared/ids.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { anOrder, aProduct, aUser, miscounted, openDesk, stockOf, type OrderDesk } from './orders.fixture.js';

let database: TestDatabase;
let desk: OrderDesk;

beforeAll(async () => {
  database = await createTestDatabase();
  desk = await openDesk(database);
});

afterAll(async () => {
  await desk.close();
  await database.drop();
});

describe('placing an order', () => {
  it('freezes sku, name and price, keeps the order of the lines, and records it', async () => {
    const user = await aUser(database);
    const mug = await aProduct(desk, { stock: 9, sku: 'MUG', name: 'Blue mug', unitAmount: 1_490 });
    const bowl = await aProduct(desk, { stock: 9, sku: 'BOWL', name: 'Bowl', unitAmount: 990 });

    const { status, body, replayed } = await anOrder(desk, user.id, {
      items: [
        { productId: bowl.id, quantity: 2 },
        { productId: mug.id, quantity: 1 },
      ],
    });

    expect({ status, replayed }).toEqual({ status: 201, replayed: false });
    expect(Object.keys(body)).toEqual(['id', 'status', 'currency', 'totalAmount', 'items', 'expiresAt', 'createdAt']);
    expect(body).toMatchObject({ status: 'pending', currency: 'USD', totalAmount: 3_470 });
    expect(body.items).toEqual([
      { productId: bowl.id, sku: 'BOWL', name: 'Bowl', unitAmount: 990, quantity: 2 },
      { productId: mug.id, sku: 'MUG', name: 'Blue mug', unitAmount: 1_490, quantity: 1 },
    ]);
    expect(body.createdAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(Date.parse(body.expiresAt) - Date.parse(body.createdAt)).toBe(desk.config.ORDER_TTL_SECONDS * 1_000);

    const events = await database.query(
      `SELECT e.name, e.stream, e.version, e.payload, d.subscriber
         FROM events AS e JOIN event_deliveries AS d ON d.event_id = e.id WHERE e.order_id = $1`,
      [body.id],
    );
    expect(events).toEqual([
      {
        name: 'order.placed',
        stream: `order-${body.id}`,
        version: 1,
        payload: { orderId: body.id, userId: user.id, totalAmount: 3_470, currency: 'USD' },
        subscriber: 'notifications',
      },
    ]);
  });

  it('answers a later reading exactly as it answered the placing', async () => {
    const user = await aUser(database);
    const { id: productId } = await aProduct(desk, { stock: 1 });
    const { body } = await anOrder(desk, user.id, { items: [{ productId, quantity: 1 }] });

    const read = await desk.orders.get(body.id, user.id);

    expect(JSON.stringify(read)).toBe(JSON.stringify(body));
  });

  it('runs two statements between BEGIN and COMMIT', async () => {
    const user = await aUser(database);
    const { id: productId } = await aProduct(desk, { stock: 1 });
    const asked: string[] = [];
    const { logger } = desk.dataSource;
    const quiet = logger.logQuery.bind(logger);
    logger.logQuery = (query) => void asked.push(query.trim().split(/\s+/, 2).join(' '));
    try {
      await anOrder(desk, user.id, { items: [{ productId, quantity: 1 }] });
    } finally {
      logger.logQuery = quiet;
    }
    expect(asked).toEqual(['START TRANSACTION', 'WITH locked', 'WITH o', 'COMMIT']);
  });

  it('refuses two currencies and a total beyond the limit, and takes no stock', async () => {
    const user = await aUser(database);
    const dollars = await aProduct(desk, { stock: 5 });
    const yen = await aProduct(desk, { stock: 5, currency: 'JPY' });
    const dear = await aProduct(desk, { stock: 5, unitAmount: 50_000_000 });
    const place = (...ids: string[]) =>
      anOrder(desk, user.id, { items: ids.map((productId) => ({ productId, quantity: 2 })) });

    await expect(place(dollars.id, yen.id)).rejects.toBeInstanceOf(MixedCurrencies);
    await expect(place(dear.id)).rejects.toBeInstanceOf(OrderTotalTooLarge);
    for (const { id } of [dollars, yen, dear]) expect(await stockOf(database, id)).toBe(5);
  });
});

describe('an idempotency key', () => {
  it('makes one order of fifty requests, and answers all of them alike', async () => {
    const user = await aUser(database);
    const { id: productId } = await aProduct(desk, { stock: 100 });
    const key = newId();

    const replies = await Promise.all(
      Array.from({ length: 50 }, () => anOrder(desk, user.id, { key, items: [{ productId, quantity: 2 }] })),
    );

    expect(new Set(replies.map(({ status, body }) => JSON.stringify({ status, body }))).size).toBe(1);
    expect(replies.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(await stockOf(database, productId)).toBe(98);
    expect(await database.query(`SELECT id FROM orders WHERE user_id = $1`, [user.id])).toHaveLength(1);
  });

  it('control: without its primary key every one of the requests makes an order', async () => {
    const own = await createTestDatabase();
    const unguarded = await openDesk(own);
    try {
      await own.query(`ALTER TABLE idempotency_keys DROP CONSTRAINT idempotency_keys_pkey`);
      const user = await aUser(own);
      const { id: productId } = await aProduct(unguarded, { stock: 100 });
      const order = { key: newId(), items: [{ productId, quantity: 2 }] };

      await Promise.all(Array.from({ length: 5 }, () => anOrder(unguarded, user.id, order)));

      expect(await stockOf(own, productId)).toBe(90);
    } finally {
      await unguarded.close();
      await own.drop();
    }
  });

  it('answers a repetition with the first order although it bought the last unit', async () => {
    const user = await aUser(database);
    const { id: productId } = await aProduct(desk, { stock: 1 });
    const order = { key: newId(), items: [{ productId, quantity: 1 }] };
    const first = await anOrder(desk, user.id, order);

    const again = await anOrder(desk, user.id, order);

    expect(again).toEqual({ ...first, replayed: true });
    expect(await miscounted(database)).toEqual([]);
  });

  it('refuses another request under the same key, also one that would be refused anyway', async () => {
    const user = await aUser(database);
    const { id: productId } = await aProduct(desk, { stock: 5 });
    const key = newId();
    await anOrder(desk, user.id, { key, items: [{ productId, quantity: 1 }] });

    for (const quantity of [2, 999]) {
      const other = anOrder(desk, user.id, { key, items: [{ productId, quantity }] });
      await expect(other).rejects.toBeInstanceOf(IdempotencyKeyReused);
    }
    expect(await stockOf(database, productId)).toBe(4);
  });

  it('belongs to one user: somebody else gets an order of their own', async () => {
    const [one, other] = [await aUser(database), await aUser(database)];
    const { id: productId } = await aProduct(desk, { stock: 5 });
    const order = { key: newId(), items: [{ productId, quantity: 1 }] };

    const replies = [await anOrder(desk, one.id, order), await anOrder(desk, other.id, order)];

    expect(replies.map(({ replayed }) => replayed)).toEqual([false, false]);
    expect(replies[0]?.body.id).not.toBe(replies[1]?.body.id);
  });

  it('is free again after a refusal', async () => {
    const user = await aUser(database);
    const { id: productId } = await aProduct(desk, { stock: 0 });
    const order = { key: newId(), items: [{ productId, quantity: 1 }] };
    await expect(anOrder(desk, user.id, order)).rejects.toMatchObject({ problem: { code: 'out-of-stock' } });
    const restock = { productId, delta: 1, reason: 'delivery', actorId: null };
    await desk.transactions.run((tx) => desk.stock.adjust(tx, restock));

    expect(await anOrder(desk, user.id, order)).toMatchObject({ status: 201, replayed: false });
  });

  it('held by a request that does not end makes its twin wait, give up, and take nothing', async () => {
    const user = await aUser(database);
    const { id: productId } = await aProduct(desk, { stock: 5 });
    const impatient = await openDesk(database, { DATABASE_LOCK_TIMEOUT_MS: '200' });
    const order = { key: newId(), items: [{ productId, quantity: 1 }] };
    try {
      await desk.transactions.run(async (tx) => {
        await tx.query(
          `INSERT INTO idempotency_keys (user_id, endpoint, key, request_hash, resource_id)
             VALUES ($1, 'POST /v1/orders', $2, 'of the first', $1)`,
          [user.id, order.key],
        );
        const twin = anOrder(impatient, user.id, order);
        await expect(twin).rejects.toMatchObject({ extensions: { retryAfterSeconds: 1 } });
        await expect(twin).rejects.toBeInstanceOf(RequestInProgress);
      });
      expect(await stockOf(database, productId)).toBe(5);
    } finally {
      await impatient.close();
    }
  });
});
