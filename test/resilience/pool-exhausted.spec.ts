import pg from 'pg';
import { type Client, expectStatus, newKey } from '../support/client.js';
import { percentile, tell } from '../support/figures.js';
import { type RunningShop, startShop } from '../support/running-shop.js';
import { AS_IMPATIENT_AS_PRODUCTION, PATIENT_FOR_AN_HOUR } from '../support/shop-environment.js';
import { tampering } from '../support/tampering.js';
import { SignedEvents } from '../support/webhook-signature.js';
import { PATIENCE_MS, expectRefusedInTime, probes, retried, seconds, timed } from './outage.story.js';

jest.setTimeout(240_000);

const POOL_MAX = 5;
const REQUESTS = 200;
/** The wait for a connection, then for a lock, and what two hundred requests at once cost a busy machine. */
const REFUSED_MAX_MS = 10_000;
/** What the promise allows is 5 s; the rest is for a busy machine. */
const NORMAL_AGAIN_MS = 20_000;

let shop: RunningShop;
let anna: Client;

beforeAll(async () => {
  shop = await startShop({ env: AS_IMPATIENT_AS_PRODUCTION });
  anna = await shop.as('anna@purser.test');
});

afterAll(() => shop?.stop());

async function webWith(env: Readonly<Record<string, string>>): Promise<void> {
  await shop.kill('web');
  await shop.start('web', 0, env);
}

/** Holds the product as an endless transaction would, so that every order of it keeps its connection and waits. */
async function holding<T>(productId: string, work: () => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: shop.database.superuserUrl });
  await client.connect();
  try {
    await client.query('BEGIN');
    await client.query(`SELECT 1 FROM products WHERE id = $1 FOR UPDATE`, [productId]);
    return await work();
  } finally {
    await client.end();
  }
}

/** The connections of the web process, and what each does. */
function connections(): Promise<{ state: string; wait: string | null; query: string }[]> {
  return shop.query(
    `SELECT state, wait_event AS wait, left(query, 60) AS query FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'web-0'`,
  );
}

async function everyConnectionBusy(): Promise<void> {
  const isBusy = async () => (await connections()).filter(({ state }) => state !== 'idle').length === POOL_MAX;
  const explain = async () => JSON.stringify(await connections());
  await shop.waitUntil(isBusy, { what: 'every connection to be in use', explain });
}

describe(`${REQUESTS} slow requests want one of ${POOL_MAX} connections`, () => {
  it('are told in time to come back, others are too, and all is well as soon as it is over', async () => {
    await webWith({ DATABASE_POOL_MAX: String(POOL_MAX) });
    const { id: productId } = await shop.product({ stock: REQUESTS });
    const order = await shop.order(anna);
    const items = [{ productId, quantity: 1 }];
    const keys = Array.from({ length: REQUESTS }, newKey);
    const { refused, other, open } = await holding(productId, async () => {
      const slow = keys.map((key) => timed(() => anna.tryToPlace(items, { key })));
      await everyConnectionBusy();
      const reading = timed(() => anna.get(`/v1/orders/${order.id}`));
      expect(await probes(shop)).toEqual({ live: 200, ready: 503 });
      const open = (await connections()).length;
      return { refused: await Promise.all(slow), other: await reading, open };
    });
    const freeAt = performance.now();
    await shop.waitUntil(async () => (await probes(shop)).ready === 200, { what: 'to be ready again' });
    expectStatus(await retried(shop, () => anna.get(`/v1/orders/${order.id}`)), 200);
    const normalMs = performance.now() - freeAt;

    for (const reply of refused) expectRefusedInTime(reply, REFUSED_MAX_MS);
    // It may have been the first to get a connection when the slow ones gave up.
    if (other.status !== 200) expectRefusedInTime(other, REFUSED_MAX_MS);
    expect(open).toBe(POOL_MAX);
    expect(normalMs).toBeLessThan(NORMAL_AGAIN_MS);
    expect(await stockOf(productId)).toBe(REQUESTS);
    const again = keys.slice(0, 20);
    for (const key of again) {
      expectStatus(await retried(shop, () => anna.tryToPlace(items, { key })), 201);
    }
    expect(await stockOf(productId)).toBe(REQUESTS - again.length);
    const took = refused.map(({ ms }) => ms);
    const figures = `503 after ${seconds(percentile(took, 0.5))} (median), ${seconds(Math.max(...took))} at most`;
    tell('P27', `${figures}; ${open} connections; normal again after ${seconds(normalMs)}`);
  });

  it('and would hear nothing if nobody gave up waiting (control)', async () => {
    await tampering.limitsOfTheRoleAreLifted(shop);
    await webWith({ DATABASE_POOL_MAX: String(POOL_MAX), ...PATIENT_FOR_AN_HOUR });
    const { id: productId } = await shop.product();
    const order = await shop.order(anna);
    const asked = await holding(productId, async () => {
      const slow = Array.from({ length: POOL_MAX }, () => anna.tryToPlace([{ productId, quantity: 1 }]));
      await everyConnectionBusy();
      const all = [...slow, anna.get(`/v1/orders/${order.id}`)];
      const nobody = new Promise((resolve) => setTimeout(() => resolve('nobody answered'), PATIENCE_MS));
      expect(await Promise.race([...all, nobody])).toBe('nobody answered');
      return all;
    });
    for (const reply of await Promise.all(asked)) expect([200, 201]).toContain(reply.status);
  });
});

/** Two transactions that each want a second connection wait for each other; with one connection, one such is enough. */
it('no request needs a second connection while it holds one', async () => {
  // Whoever waited for a second one would wait this long, and be told 503.
  await webWith({ DATABASE_POOL_MAX: '1', DATABASE_CONNECT_TIMEOUT_MS: '8000' });
  const admin = await shop.as('admin@purser.test');
  const { id: productId } = await shop.product();
  const place = () => anna.place([{ productId, quantity: 1 }]);
  const payBy = (orderId: string, paymentMethod: string) =>
    anna.post(`/v1/orders/${orderId}/payments`, { key: newKey(), body: { paymentMethod } });
  const credentials = { email: 'anna@purser.test', password: 'not hers, surely' };
  const events = new SignedEvents('evt_alone');

  expectStatus(await anna.pay((await place()).id), 201);
  expectStatus(await anna.pay((await place()).id, { card: 'pm_card_chargeDeclined' }), 402);
  const waiting = await place();
  const { id: paymentId } = expectStatus(await payBy(waiting.id, 'card'), 201).body;
  expectStatus(await anna.post(`/v1/payments/${paymentId}/cancel`), 200);
  expectStatus(await anna.post(`/v1/orders/${waiting.id}/cancel`), 200);
  const transfer = expectStatus(await payBy((await place()).id, 'bank_transfer'), 201).body;
  const confirmation = { reference: newKey(), receivedAmount: transfer.amount };
  expectStatus(await admin.post(`/v1/payments/${transfer.id}/confirm`, { key: newKey(), body: confirmation }), 200);
  expectStatus(await anna.get(`/v1/orders/${waiting.id}/timeline`), 200);
  expectStatus(await anna.get('/v1/users/me'), 200);
  expectStatus(await shop.visitor.post('/v1/auth/login', { body: credentials }), 401);
  expectStatus(
    await shop.visitor.post('/v1/auth/register', { body: { email: `${newKey()}@purser.test`, password: newKey() } }),
    202,
  );
  expectStatus(await shop.visitor.post('/v1/webhooks/stripe', events.delivery(events.newId())), 200);
  await shop.quiet();
  expect(await shop.violations()).toEqual({});
});

async function stockOf(productId: string): Promise<number | undefined> {
  const [row] = await shop.query<{ stock: number }>(
    `SELECT stock_on_hand::integer AS stock FROM products WHERE id = $1`,
    [productId],
  );
  return row?.stock;
}
