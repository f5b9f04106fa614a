import { type Client, expectStatus, newKey, type Reply } from '../support/client.js';
import type { Proxy, ProxyMode } from '../support/proxy.js';
import { type RunningShop, startShop } from '../support/running-shop.js';

jest.setTimeout(120_000);

const PATIENCE_MS = 5_000;

let shop: RunningShop;
let anna: Client;
let database: Proxy;
let redis: Proxy;

beforeAll(async () => {
  shop = await startShop({ proxied: true });
  anna = await shop.as('anna@purser.test');
  if (!shop.proxies) throw new Error('there is nothing between the shop and its servers');
  ({ database, redis } = shop.proxies);
});

afterEach(() => {
  database?.become('pass');
  redis?.become('pass');
});

afterAll(async () => {
  await shop?.stop();
});

async function timed(ask: () => Promise<Reply>): Promise<Reply & { ms: number }> {
  const start = performance.now();
  const reply = await ask();
  return { ...reply, ms: performance.now() - start };
}

async function probes(): Promise<{ live: number; ready: number }> {
  const [live, ready] = await Promise.all(['live', 'ready'].map((probe) => shop.visitor.get(`/health/${probe}`)));
  return { live: live?.status ?? 0, ready: ready?.status ?? 0 };
}

describe.each<[string, ProxyMode]>([
  ['refuses everybody', 'refuse'],
  ['says nothing any more', 'blackhole'],
])('the database %s', (_how, mode) => {
  it('answers 503 in time, stays alive, is not ready, and recovers by itself without losing or doubling anything', async () => {
    const { id: productId } = await shop.product({ stock: 10 });
    const items = [{ productId, quantity: 1 }];
    const paid = await anna.place(items);
    const keys = { place: newKey(), pay: newKey() };
    await shop.quiet();
    database.become(mode);

    const refused = await Promise.all([
      timed(() => anna.tryToPlace(items, { key: keys.place })),
      timed(() => anna.pay(paid.id, { key: keys.pay })),
      timed(() => anna.get(`/v1/orders/${paid.id}`)),
    ]);
    for (const { status, headers, body, ms } of refused) {
      expect([status, body.code]).toEqual([503, 'service-unavailable']);
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
      expect(ms).toBeLessThan(PATIENCE_MS);
    }
    expect(await probes()).toEqual({ live: 200, ready: 503 });

    database.become('pass');
    await shop.waitUntil(async () => (await probes()).ready === 200, { what: 'the web process to be ready again' });
    const order = expectStatus(await retried(() => anna.tryToPlace(items, { key: keys.place })), 201).body;
    expectStatus(await retried(() => anna.pay(paid.id, { key: keys.pay })), 201);
    expectStatus(await anna.pay(order.id), 201);
    await shop.quiet(60_000);

    expect(await orderCount(productId)).toBe(2);
    expect(await shop.sandbox.captures({ orderId: paid.id })).toHaveLength(1);
    expect(await shop.violations()).toEqual({});
  });
});

it('never tells the provider that an event is stored when it is not', async () => {
  const order = await shop.order(anna);
  expectStatus(await anna.pay(order.id, { card: 'pm_card_authenticationRequired' }), 201);
  const [payment] = await shop.payments(order.id);
  const intent = payment?.provider_payment_id ?? '';
  await shop.quiet();
  await shop.sandbox.webhooks({ lose: 1 });
  await shop.sandbox.authenticate(intent);
  const event = (await shop.sandbox.eventsOf(intent)).find(({ type }) => type === 'payment_intent.succeeded');

  database.become('blackhole');
  const start = performance.now();
  expect(await shop.sandbox.resend(event?.id ?? '')).toBe(503);
  expect(performance.now() - start).toBeLessThan(PATIENCE_MS);

  database.become('pass');
  await shop.waitUntil(async () => (await shop.sandbox.resend(event?.id ?? '')) === 200, {
    what: 'the event to be stored',
  });
  expect(await shop.query(`SELECT deliveries FROM webhook_inbox WHERE event_id = $1`, [event?.id])).toHaveLength(1);
  const isCompleted = async () => (await shop.orderStatus(order.id)) === 'completed';
  await shop.waitUntil(isCompleted, { what: 'the order to complete' });
  await shop.sandbox.webhooks({});
});

describe.each<[string, ProxyMode]>([
  ['refuses everybody', 'refuse'],
  ['says nothing any more', 'blackhole'],
])('Redis %s', (_how, mode) => {
  it('only makes the shop slower, and the letters late', async () => {
    const { id: productId } = await shop.product({ stock: 10 });
    await shop.quiet();
    redis.become(mode);

    const placed = await timed(() => anna.tryToPlace([{ productId, quantity: 1 }]));
    const paid = await timed(() => anna.pay(placed.body.id));
    const products = await timed(() => shop.visitor.get('/v1/products'));
    const order = await timed(() => anna.get(`/v1/orders/${placed.body.id}`));
    const credentials = { email: 'ben@purser.test', password: 'not his password' };
    const login = await timed(() => shop.visitor.post('/v1/auth/login', { body: credentials }));
    const replies = [placed, paid, products, order, login];
    expect(replies.map(({ status }) => status)).toEqual([201, 201, 200, 200, 401]);
    for (const { ms } of replies) expect(ms).toBeLessThan(2_000);
    expect(order.body.status).toBe('completed');
    expect(await probes()).toEqual({ live: 200, ready: 200 });

    redis.become('pass');
    await shop.quiet(60_000);
    expect(await shop.violations()).toEqual({});
  });
});

/** As a client does who was told to come back. */
async function retried(ask: () => Promise<Reply>): Promise<Reply> {
  return shop.waitUntil(
    async () => {
      const reply = await ask();
      return ![0, 202, 503].includes(reply.status) && reply.body.code !== 'request-in-progress' && reply;
    },
    { what: 'a final answer' },
  );
}

async function orderCount(productId: string): Promise<number> {
  const items = await shop.query(`SELECT 1 FROM order_items WHERE product_id = $1`, [productId]);
  return items.length;
}
