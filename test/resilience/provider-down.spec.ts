import { type Client, expectStatus, newKey, type Reply, type ReplyBody } from '../support/client.js';
import { tell } from '../support/figures.js';
import { NEVER_OPENS } from '../support/provider-guards.js';
import { type RunningShop, startShop } from '../support/running-shop.js';

jest.setTimeout(300_000);

/** Production's patience with one try; a payment makes two. */
const STRIPE_TIMEOUT_MS = 5_000;
const UNGUARDED_MS = 2 * STRIPE_TIMEOUT_MS;
const ENV = { STRIPE_TIMEOUT_MS: String(STRIPE_TIMEOUT_MS), PROVIDER_REST_MS: '15000' };
const BUYERS = 5;

interface Purchase {
  readonly buyer: Client;
  readonly order: ReplyBody;
  readonly key: string;
}

/** Everybody places an order and pays at the same moment. */
async function everybodyBuys(buyers: readonly Client[], productId: string) {
  const items = [{ productId, quantity: 1 }];
  const purchases = await Promise.all(
    buyers.map(async (buyer): Promise<Purchase> => ({ buyer, order: await buyer.place(items), key: newKey() })),
  );
  const replies = await Promise.all(
    purchases.map(({ buyer, order, key }) => timed(() => buyer.pay(order.id, { key }))),
  );
  expect(replies.map(({ status, body }) => [status, body.status])).toEqual(purchases.map(() => [202, 'unknown']));
  return {
    purchases,
    slowestMs: Math.max(...replies.map(({ ms }) => ms)),
    fastestMs: Math.min(...replies.map(({ ms }) => ms)),
  };
}

async function timed(ask: () => Promise<Reply>): Promise<Reply & { ms: number }> {
  const start = performance.now();
  const reply = await ask();
  return { ...reply, ms: performance.now() - start };
}

/** Both providers take connections and say nothing. */
const hang = (shop: RunningShop) => shop.kill('sandbox', { signal: 'SIGSTOP' });
const answer = (shop: RunningShop) => shop.kill('sandbox', { signal: 'SIGCONT' });

it('stays open while the providers hang, pays at once with 202, and makes up for everything afterwards', async () => {
  const shop = await startShop({ env: ENV });
  try {
    const buyers = await shop.customers(BUYERS);
    const { id: productId } = await shop.product();
    await shop.quiet();
    await hang(shop);
    const first = await everybodyBuys(buyers, productId);

    const later = await everybodyBuys(buyers, productId);
    const seen = await timed(() => shop.visitor.get('/v1/products'));

    expectStatus(seen, 200);
    expect(later.slowestMs).toBeLessThan(STRIPE_TIMEOUT_MS);
    const alarms = shop.logged('web').filter(({ alarm }) => alarm === 'provider-down');
    expect(alarms.map(({ provider }) => provider)).toEqual(['stripe']);

    await answer(shop);
    await shop.quiet(120_000);
    const lastReply = async ({ buyer, order, key }: Purchase) => (await buyer.payUntilFinal(order.id, { key })).at(-1);
    for (const purchase of [...first.purchases, ...later.purchases]) {
      expect(await lastReply(purchase)).toMatchObject({ status: 201, body: { status: 'succeeded' } });
    }
    expect(await shop.violations()).toEqual({});
    const parked = await shop.query(`SELECT subscriber, last_error FROM event_deliveries WHERE dead_at IS NOT NULL`);
    expect(parked).toEqual([]);
    tell('P9', `${BUYERS} payments at once while Stripe hangs: slowest ${later.slowestMs.toFixed(0)} ms`);
  } finally {
    await answer(shop);
    await shop.stop();
  }
});

it('would have every payment wait for two timeouts without the breaker (control)', async () => {
  const shop = await startShop({ env: { ...ENV, ...NEVER_OPENS } });
  try {
    const buyers = await shop.customers(BUYERS);
    const { id: productId } = await shop.product();
    await hang(shop);
    await everybodyBuys(buyers, productId);
    expect((await everybodyBuys(buyers, productId)).fastestMs).toBeGreaterThanOrEqual(UNGUARDED_MS);
  } finally {
    await answer(shop);
    await shop.stop();
  }
});
