import { OrderNotFound } from '../../src/contracts/order-errors.js';
import type { OrderView } from '../../src/domains/orders/order.view.js';
import { jsonPageOf } from '../../src/platform/http/page.js';
import { newId } from '../../src/shared/ids.js';
import type { JsonText } from '../../src/shared/json-text.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { anOrder, aProduct, aUser, openDesk, type OrderDesk } from './orders.fixture.js';

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

async function ordersOf(userId: string, count: number): Promise<string[]> {
  const { id: productId } = await aProduct(desk, { stock: count });
  const ids: string[] = [];
  for (let n = 0; n < count; n++) {
    ids.push((await anOrder(desk, userId, { items: [{ productId, quantity: 1 }] })).body.id);
  }
  return ids;
}

describe('reading orders', () => {
  it('lists my own, newest first, page by page, each once', async () => {
    const [me, other] = [await aUser(database), await aUser(database)];
    const mine = await ordersOf(me.id, 5);
    await ordersOf(other.id, 2);

    const seen: string[][] = [];
    for (let after: string | undefined; ;) {
      const page = jsonPageOf<OrderView>(await desk.orders.list({ userId: me.id, after, limit: 3 }), 2).parse();
      seen.push(page.data.map(({ id }) => id));
      if (page.next === null) break;
      after = page.next;
    }

    const newestFirst = [...mine].reverse();
    expect(seen).toEqual([newestFirst.slice(0, 2), newestFirst.slice(2, 4), newestFirst.slice(4)]);
  });

  it('shows staff everybody’s, and filters by status for both', async () => {
    const me = await aUser(database);
    const [cancelled = '', pending = ''] = await ordersOf(me.id, 2);
    await desk.cancellation.cancel(cancelled, me.id);
    const ids = async (search: Parameters<typeof desk.orders.list>[0]) =>
      (await desk.orders.list(search)).map(({ id }) => id);

    expect(await ids({ userId: me.id, status: 'cancelled', limit: 9 })).toEqual([cancelled]);
    expect(await ids({ userId: null, status: 'cancelled', limit: 9 })).toEqual([cancelled]);
    expect(await ids({ userId: null, limit: 2 })).toEqual([pending, cancelled]);
  });

  it('finds mine and, for staff, anybody’s; a stranger’s is not found', async () => {
    const [me, stranger] = [await aUser(database), await aUser(database)];
    const [id = ''] = await ordersOf(me.id, 1);

    expect(await desk.orders.get(id, me.id)).toEqual(await desk.orders.get(id, null));
    await expect(desk.orders.get(id, stranger.id)).rejects.toBeInstanceOf(OrderNotFound);
    expect(await desk.orders.isVisible(id, stranger.id)).toBe(false);
    expect(await desk.orders.isVisible(id, me.id)).toBe(true);
    expect(await desk.orders.isVisible(newId(), null)).toBe(false);
  });

  it('answers many readers at once as it would answer each alone', async () => {
    const [me, stranger] = [await aUser(database), await aUser(database)];
    const ids = [...(await ordersOf(me.id, 12)), newId()];
    const readers = [me.id, stranger.id, null];
    const asked = ids.flatMap((id) => [...readers, me.id].map((reader) => ({ id, reader })));
    const told = (end: PromiseSettledResult<JsonText<OrderView>>) =>
      end.status === 'fulfilled' ? end.value.parse() : (end.reason as Error).constructor.name;

    const together = await Promise.allSettled(asked.map(({ id, reader }) => desk.orders.get(id, reader)));
    const alone: unknown[] = [];
    for (const { id, reader } of asked) alone.push(told((await Promise.allSettled([desk.orders.get(id, reader)]))[0]));

    expect(together.map(told)).toEqual(alone);
    expect(alone.filter((one) => one === 'OrderNotFound')).toHaveLength(12 + readers.length + 1);
  });

  it('tells what happened in the order it happened, page by page', async () => {
    const me = await aUser(database);
    const [orderId = ''] = await ordersOf(me.id, 1);
    await desk.cancellation.cancel(orderId, me.id);

    const timeline = await desk.orders.timeline({ orderId, limit: 9 });
    expect(timeline.map(({ event }) => event)).toEqual(['order.placed', 'order.cancelled']);
    expect(timeline[0]).toEqual({
      id: expect.any(String),
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      event: 'order.placed',
      facts: { orderId, userId: me.id, totalAmount: 1_000, currency: 'USD' },
    });

    const [first, second] = timeline;
    expect(await desk.orders.timeline({ orderId, after: first?.id, limit: 9 })).toEqual([second]);
    expect(await desk.orders.timeline({ orderId, after: second?.id, limit: 9 })).toEqual([]);
  });

  it('sums an order up for the letters', async () => {
    const me = await aUser(database);
    const { id: productId } = await aProduct(desk, { stock: 3, name: 'Bowl', unitAmount: 990 });
    const { body } = await anOrder(desk, me.id, { items: [{ productId, quantity: 3 }] });

    expect(await desk.orders.summaryOf(body.id)).toEqual({
      orderId: body.id,
      totalAmount: 2_970,
      currency: 'USD',
      items: [{ name: 'Bowl', quantity: 3, unitAmount: 990 }],
    });
    expect(await desk.orders.summaryOf(newId())).toBeNull();
  });
});
