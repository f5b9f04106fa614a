import { type Client, expectStatus, newKey, type Reply } from '../support/client.js';
import type { RunningShop } from '../support/running-shop.js';

/** Within 5 s everybody is answered, whatever the database does: a second after our patience with it, or what a busy machine makes of that. */
export const PATIENCE_MS = 8_000;

/** How the database goes away, and how it comes back. */
export interface Outage {
  begin(): Promise<void> | void;
  end(): Promise<void> | void;
}

export interface Timed extends Reply {
  readonly ms: number;
}

export async function timed(ask: () => Promise<Reply>): Promise<Timed> {
  const start = performance.now();
  const reply = await ask();
  return { ...reply, ms: performance.now() - start };
}

export async function probes(shop: RunningShop): Promise<{ live: number; ready: number }> {
  const [live, ready] = await Promise.all(['live', 'ready'].map((probe) => shop.visitor.get(`/health/${probe}`)));
  return { live: live?.status ?? 0, ready: ready?.status ?? 0 };
}

export function expectRefusedInTime({ status, headers, body, ms }: Timed, withinMs = PATIENCE_MS): void {
  expect([status, body.code]).toEqual([503, 'service-unavailable']);
  expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  expect(ms).toBeLessThan(withinMs);
}

/** As a client does who was told to come back. */
export async function retried(shop: RunningShop, ask: () => Promise<Reply>): Promise<Reply> {
  return shop.waitUntil(
    async () => {
      const reply = await ask();
      return ![0, 202, 503].includes(reply.status) && reply.body.code !== 'request-in-progress' && reply;
    },
    { what: 'a final answer' },
  );
}

/**
 * Somebody orders and pays while the database is away: they hear so in time, no process ends, and the same keys give
 * one order and one capture afterwards. What it took, as a figure.
 */
export async function tellOutage(shop: RunningShop, buyer: Client, outage: Outage): Promise<string> {
  const { id: productId } = await shop.product({ stock: 10 });
  const items = [{ productId, quantity: 1 }];
  const paid = await buyer.place(items);
  const keys = { place: newKey(), pay: newKey() };
  await shop.quiet();
  await outage.begin();

  const refused = await Promise.all([
    timed(() => buyer.tryToPlace(items, { key: keys.place })),
    timed(() => buyer.pay(paid.id, { key: keys.pay })),
    timed(() => buyer.get(`/v1/orders/${paid.id}`)),
  ]);
  for (const reply of refused) expectRefusedInTime(reply);
  expect(await probes(shop)).toEqual({ live: 200, ready: 503 });
  expect(shop.isWhole).toBe(true);

  await outage.end();
  const endedAt = performance.now();
  await shop.waitUntil(async () => (await probes(shop)).ready === 200, { what: 'the web process to be ready again' });
  const readyMs = performance.now() - endedAt;
  const order = expectStatus(await retried(shop, () => buyer.tryToPlace(items, { key: keys.place })), 201).body;
  expectStatus(await retried(shop, () => buyer.pay(paid.id, { key: keys.pay })), 201);
  expectStatus(await buyer.pay(order.id), 201);
  await shop.quiet(60_000);

  expect(await shop.query(`SELECT 1 FROM order_items WHERE product_id = $1`, [productId])).toHaveLength(2);
  expect(await shop.sandbox.captures({ orderId: paid.id })).toHaveLength(1);
  expect(await shop.violations()).toEqual({});
  const slowestMs = Math.max(...refused.map(({ ms }) => ms));
  return `503 after ${seconds(slowestMs)} at most, ready again after ${seconds(readyMs)}`;
}

export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1_000).toFixed(1)} s`;
}
