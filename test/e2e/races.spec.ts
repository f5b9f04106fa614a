import { type Client, newKey, type Reply } from '../support/client.js';
import { type RunningShop, startShop } from '../support/running-shop.js';
import { tampering } from '../support/tampering.js';

jest.setTimeout(120_000);

let shop: RunningShop;
/** The same shop without its guards: whatever is told of `shop` must not be true here. */
let unguarded: RunningShop;

beforeAll(async () => {
  shop = await startShop({ web: 2 });
  unguarded = await startShop();
  await tampering.withoutStockCheck(unguarded);
  await tampering.withoutIdempotencyKeys(unguarded);
});

afterAll(async () => {
  await Promise.all([shop?.stop(), unguarded?.stop()]);
});

describe('ten buyers want three units', () => {
  async function tenBuyers(where: RunningShop) {
    const [product, buyers] = await Promise.all([where.product({ stock: 3 }), where.customers(10)]);
    const items = [{ productId: product.id, quantity: 1 }];
    const replies = await Promise.all(
      buyers.map((buyer, index) => buyer.tryToPlace(items, { web: index % where.webs.length })),
    );
    const [row] = await where.query<{ stock: number }>(`SELECT stock_on_hand AS stock FROM products WHERE id = $1`, [
      product.id,
    ]);
    return { replies, stock: row?.stock };
  }

  it('sells exactly three, and tells the others', async () => {
    const { replies, stock } = await tenBuyers(shop);

    expect(statuses(replies)).toEqual({ 201: 3, 409: 7 });
    const refused = replies.filter(({ status }) => status === 409);
    expect(new Set(refused.map(({ body }) => body.code))).toEqual(new Set(['out-of-stock']));
    expect(stock).toBe(0);
    await shop.quiet();
    expect(await shop.violations()).toEqual({});
  });

  it('would sell ten without the CHECK on the stock (control)', async () => {
    const { replies, stock } = await tenBuyers(unguarded);

    expect(statuses(replies)).toEqual({ 201: 10 });
    expect(stock).toBe(-7);
    expect(await unguarded.violations()).toMatchObject({ 'negative stock': 1 });
  });
});

describe('the same payment is asked for fifty times at once, through two web processes', () => {
  async function fiftyTimes(where: RunningShop) {
    const buyer = await where.as('anna@purser.test');
    const order = await where.order(buyer);
    const key = newKey();
    const asked = Array.from({ length: 50 }, (_, index) =>
      buyer.payUntilFinal(order.id, { key, web: index % where.webs.length }),
    );
    const conversations = await Promise.all(asked);
    await where.quiet();
    return { order, replies: conversations.flat(), finals: conversations.map((replies) => replies.at(-1)) };
  }

  it('makes one payment and one capture, and gives everybody the same answer', async () => {
    const { order, replies, finals } = await fiftyTimes(shop);

    expect(replies.map(({ status }) => status).filter((status) => ![201, 202, 409].includes(status))).toEqual([]);
    expect(new Set(finals.map((reply) => `${reply?.status} ${reply?.text}`)).size).toBe(1);
    expect(finals[0]).toMatchObject({ status: 201, body: { status: 'succeeded', orderId: order.id } });
    expect(finals.filter((reply) => !reply?.headers.has('idempotent-replayed'))).toHaveLength(1);
    expect(await shop.payments(order.id)).toHaveLength(1);
    expect(await shop.sandbox.captures({ orderId: order.id })).toHaveLength(1);
    expect(await shop.violations()).toEqual({});
  });

  it('would charge several times without the keys and the index (control)', async () => {
    const { order } = await fiftyTimes(unguarded);

    expect((await unguarded.payments(order.id)).length).toBeGreaterThan(1);
    const captures = await unguarded.sandbox.captures({ orderId: order.id });
    expect(captures.length).toBeGreaterThan(1);
    // The settlement notices, too late: every capture but one has to be looked at and given back.
    expect(await unguarded.violations()).toMatchObject({ 'keys used twice': 1, 'open reviews': captures.length - 1 });
  });
});

describe('an order is paid under two different keys at the same moment', () => {
  /** The provider keeps every request waiting until both are under way: no luck decides. */
  async function twoAtOnce(where: RunningShop) {
    const buyer = await where.as('ben@purser.test');
    const order = await where.order(buyer);
    await where.sandbox.misbehave({ op: 'payment_intents.create', effect: 'delay', ms: 300 });
    const replies = await Promise.all([
      buyer.pay(order.id, { web: 0 }),
      buyer.pay(order.id, { web: where.webs.length - 1 }),
    ]);
    await where.sandbox.behave();
    await where.quiet();
    return { order, replies, buyer };
  }

  it('lets one live, and tells the other', async () => {
    const { order, replies, buyer } = await twoAtOnce(shop);

    expect(statuses(replies)).toEqual({ 201: 1, 409: 1 });
    expect(replies.find(({ status }) => status === 409)?.body.code).toBe('payment-in-progress');
    expect((await shop.payments(order.id)).map(({ status }) => status)).toEqual(['succeeded']);
    expect(await shop.sandbox.captures({ orderId: order.id })).toHaveLength(1);
    expect(await refusedLater(buyer, order.id)).toBe('order-not-payable');
    expect(await shop.violations()).toEqual({});
  });

  it('would charge the order twice without the index (control)', async () => {
    const { order } = await twoAtOnce(unguarded);

    expect(await unguarded.sandbox.captures({ orderId: order.id })).toHaveLength(2);
    expect((await unguarded.payments(order.id)).map(({ status }) => status).sort()).toEqual([
      'late_succeeded',
      'succeeded',
    ]);
  });
});

async function refusedLater(buyer: Client, orderId: string): Promise<string> {
  return (await buyer.pay(orderId)).body.code;
}

function statuses(replies: readonly Reply[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const { status } of replies) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}
