import type { Client } from '../support/client.js';
import { tell } from '../support/figures.js';
import { OwnPostgres } from '../support/own-postgres.js';
import { type RunningShop, startShop } from '../support/running-shop.js';
import { AS_IMPATIENT_AS_PRODUCTION, PATIENT_FOR_AN_HOUR } from '../support/shop-environment.js';
import { SteadyLoad } from '../support/steady-load.js';
import { tampering } from '../support/tampering.js';
import { SignedEvents } from '../support/webhook-signature.js';
import { PATIENCE_MS, probes, seconds, tellOutage } from './outage.story.js';

jest.setTimeout(240_000);

const BUYERS = 4;
const EVENTS = 12;
const ROUNDS = 2;
const ROUNDS_MAX = 20;
/** Two letters at a time are at the provider when the database goes: they go out again, or wait for a person the second time. */
const LETTERS_UNSURE_MAX = 2 * 2 * ROUNDS;
/** What the promise allows is 5 s; the rest is for a busy machine. */
const ERRORS_END_MS = 20_000;

let postgres: OwnPostgres;
let shop: RunningShop;
let anna: Client;

beforeAll(async () => {
  postgres = await OwnPostgres.start();
  shop = await startShop({ database: postgres.database, env: AS_IMPATIENT_AS_PRODUCTION });
  anna = await shop.as('anna@purser.test');
});

afterEach(() => postgres.thaw());

afterAll(() => shop?.stop());

describe('the database is frozen', () => {
  it('and everybody hears so in time; nothing ends, is lost or doubled, and all goes on by itself', async () => {
    tell('P28', await tellOutage(shop, anna, { begin: () => postgres.freeze(), end: () => postgres.thaw() }));
  });

  it('and everybody would wait for it without a patience of our own (control)', async () => {
    const order = await shop.order(anna);
    await shop.kill('web');
    await shop.start('web', 0, PATIENT_FOR_AN_HOUR);
    await postgres.freeze();
    const asked = anna.get(`/v1/orders/${order.id}`);
    const nobody = new Promise((resolve) => setTimeout(() => resolve('nobody answered'), PATIENCE_MS));
    expect(await Promise.race([asked, nobody])).toBe('nobody answered');
    postgres.thaw();
    expect((await asked).status).toBe(200);
    await shop.kill('web');
    await shop.start('web');
  });
});

describe('the provider sends events while the database is frozen', () => {
  /** Delivers each event until it is taken; what was answered, and which were taken without being there. */
  async function delivered(during: (statuses: readonly number[]) => Promise<void>) {
    const events = new SignedEvents('evt_frozen');
    const ids = Array.from({ length: EVENTS }, () => events.newId());
    const [statuses, lost]: [number[], string[]] = [[], []];
    let slowestMs = 0;
    const deliver = async (id: string): Promise<boolean> => {
      const start = performance.now();
      const { status } = await shop.visitor.post('/v1/webhooks/stripe', events.delivery(id));
      slowestMs = Math.max(slowestMs, performance.now() - start);
      statuses.push(status);
      if (status !== 200) return false;
      const rows = await shop.query(`SELECT 1 FROM webhook_inbox WHERE event_id = $1`, [id]);
      if (rows.length === 0) lost.push(id);
      return true;
    };
    const all = ids.map((id) => shop.waitUntil(() => deliver(id), { what: 'the event to be taken' }));
    await during(statuses);
    await Promise.all(all);
    return { told: new Set(statuses), lost, slowestMs };
  }

  it('and never hears that one is stored which is not', async () => {
    await shop.quiet();
    await postgres.freeze();
    const { told, lost, slowestMs } = await delivered(async (statuses) => {
      await shop.waitUntil(() => statuses.length >= EVENTS, { what: 'everybody to be answered' });
      expect(new Set(statuses)).toEqual(new Set([503]));
      postgres.thaw();
    });
    expect(told).toEqual(new Set([503, 200]));
    expect(slowestMs).toBeLessThan(PATIENCE_MS);
    expect(lost).toEqual([]);
    tell(
      'P17',
      `${EVENTS} events: 503 after ${seconds(slowestMs)} at most, all stored later, none acknowledged before`,
    );
  });

  it('and would hear so of rows that are not written (control)', async () => {
    await tampering.webhooksAreDropped(shop);
    expect((await delivered(() => Promise.resolve())).lost).toHaveLength(EVENTS);
    await tampering.mend(shop, 'webhook_inbox');
  });
});

describe('the database is lost under load', () => {
  const losses: [string, () => Promise<unknown>][] = [
    ['crashes', async () => (await postgres.crash(), postgres.startAgain())],
    ['cuts everybody off', () => postgres.terminateBackends()],
  ];

  it.each(losses)('%s: what was acknowledged is there, no process ends, and the errors end', async (how, lose) => {
    const { id: productId } = await shop.product({ stock: 100_000 });
    const load = new SteadyLoad({ buyers: await shop.customers(BUYERS), productId, payEvery: 3 });
    const tookMs: number[] = [];
    // Where nobody was being served at such a moment, nothing has been shown yet.
    const isShown = (round: number) => (round >= ROUNDS && load.refused > 0) || round >= ROUNDS_MAX;
    for (let round = 0; !isShown(round); round += 1) {
      const enough = load.acknowledged.length + 3 * BUYERS;
      await shop.waitUntil(() => load.acknowledged.length >= enough, { what: 'orders' });
      await lose();
      const backAt = performance.now();
      const isWell = async () => (await probes(shop)).ready === 200 && (await anna.get('/v1/orders')).status === 200;
      await shop.waitUntil(isWell, { what: 'the errors to end' });
      tookMs.push(performance.now() - backAt);
    }
    await load.stop();
    await shop.quiet(60_000);

    expect(load.failures).toEqual([]);
    expect(load.refused).toBeGreaterThan(0);
    expect(shop.isWhole).toBe(true);
    expect(await missing(load.acknowledged)).toEqual([]);
    expect(await shop.query(`SELECT 1 FROM order_items WHERE product_id = $1`, [productId])).toHaveLength(
      load.acknowledged.length,
    );
    expect(Math.max(...tookMs)).toBeLessThan(ERRORS_END_MS);
    await expectBooksInOrder();
    const figures = `${load.acknowledged.length} orders, ${load.refused} requests retried`;
    tell(
      'P29',
      `${how} ${tookMs.length} times: ${figures}, 0 lost, errors ended after ${seconds(Math.max(...tookMs))}`,
    );
  });

  it('and would lose what it acknowledged if it did not wait for its disk (control)', async () => {
    await postgres.set('synchronous_commit', 'off');
    await postgres.set('wal_writer_delay', '10000');
    await postgres.set('wal_writer_flush_after', `'1GB'`);
    const { id: productId } = await shop.product();
    const orders = [];
    for (let count = 0; count < 10; count += 1) orders.push(await anna.place([{ productId, quantity: 1 }]));
    await postgres.crash();
    await postgres.startAgain();
    expect(await missing(orders.map(({ id }) => id))).not.toEqual([]);
  });
});

/** All of it, but for letters nobody can know about. */
async function expectBooksInOrder(): Promise<void> {
  const parked = await shop.query(`SELECT 1 FROM event_deliveries WHERE subscriber = 'mailer' AND dead_at IS NOT NULL`);
  const {
    'mails sent twice': twice = 0,
    'notifications not sent': unsent = 0,
    'open deliveries': open = 0,
    ...others
  } = await shop.violations();
  expect(others).toEqual({});
  expect([unsent, open]).toEqual([parked.length, parked.length]);
  expect(twice + unsent).toBeLessThanOrEqual(LETTERS_UNSURE_MAX);
}

async function missing(acknowledged: readonly string[]): Promise<string[]> {
  const rows = await shop.query<{ id: string }>(
    `SELECT told AS id FROM unnest($1::uuid[]) AS told WHERE NOT EXISTS (SELECT FROM orders AS o WHERE o.id = told)`,
    [acknowledged],
  );
  return rows.map(({ id }) => id);
}
