import { JOB_NAMES, SCHEDULES } from '../../src/contracts/schedules.js';
import { LOCAL_SECRETS } from '../../src/platform/config/config.schema.js';
import { expectStatus } from '../support/client.js';
import { type RunningShop, startShop } from '../support/running-shop.js';

jest.setTimeout(180_000);

const WORKERS = 3;

let shop: RunningShop;

beforeAll(async () => {
  shop = await startShop({ workers: WORKERS, env: { SCHEDULE_POLL_MS: '100' } });
});

afterAll(async () => {
  await shop?.stop();
});

beforeEach(async () => {
  // An hour that begins in the middle of a test would be right, and counted.
  const sql = `SELECT date_trunc('hour', now()) + interval '1 hour' - now() > interval '1 minute' AS "isFar"`;
  const isFar = async () => (await shop.query<{ isFar: boolean }>(sql))[0]?.isFar;
  await shop.waitUntil(isFar, { what: 'the hour not to be about to end', timeoutMs: 90_000 });
});

async function finished(): Promise<string[]> {
  const rows = await shop.query<{ job: string }>(
    `SELECT job FROM schedule_runs WHERE finished_at IS NOT NULL ORDER BY job`,
  );
  return rows.map(({ job }) => job);
}

const sorted = (names: readonly string[]): string[] => [...names].sort();

it(`${WORKERS} workers do all the work of a slot, each piece once`, async () => {
  await shop.waitUntil(async () => (await finished()).length >= JOB_NAMES.length, { what: 'all jobs to be done' });
  expect(await finished()).toEqual(sorted(JOB_NAMES));
  const summaries = await shop.query(`SELECT payload ->> 'day' AS day FROM events WHERE name = 'sales.summarised'`);
  expect(summaries).toHaveLength(1);
});

it('a slot that passed while all workers were down runs once when they are back', async () => {
  const everybody = Array.from({ length: WORKERS }, (_, index) => index);
  await shop.quiet();
  await Promise.all(everybody.map((index) => shop.kill('worker', { index })));
  const hourly = JOB_NAMES.filter((job) => SCHEDULES[job].every === 'hour');
  // Down for five hours: the last slots that ran are that old.
  await shop.query(`UPDATE schedule_runs SET slot = slot - interval '5 hours' WHERE job = ANY ($1)`, [hourly]);
  await shop.query(`ALTER TABLE events DISABLE TRIGGER events_append_only`);
  await shop.query(`UPDATE events SET stream = 'earlier-' || stream WHERE name = 'schedule.due'`);
  await Promise.all(everybody.map((index) => shop.start('worker', index)));

  const all = sorted([...JOB_NAMES, ...hourly]);
  await shop.waitUntil(async () => (await finished()).length >= all.length, { what: 'the missed slot to be done' });
  await shop.quiet();
  expect(await finished()).toEqual(all);
});

it('an operator sees it, and so does whoever scrapes what the shop has sold', async () => {
  const admin = await shop.as('admin@purser.test');
  const { data } = expectStatus(await admin.get('/v1/admin/schedules'), 200).body;
  expect(data).toHaveLength(JOB_NAMES.length);

  const anna = await shop.as('anna@purser.test');
  const order = await shop.order(anna);
  expectStatus(await anna.pay(order.id), 201);
  const headers = { authorization: `Bearer ${LOCAL_SECRETS.METRICS_TOKEN}` };
  const scrape = async () => (await shop.visitor.get('/metrics', { headers })).text;
  const text = await shop.waitUntil(
    async () => {
      const latest = await scrape();
      return latest.includes('purser_orders_completed_total 1\n') ? latest : undefined;
    },
    { what: 'the sale to be told' },
  );
  expect(text).toContain('purser_orders_placed_total 1\n');
  expect(text).toContain(`purser_revenue_minor_units_total{currency="USD"} ${order.totalAmount}\n`);
  expect(text).toMatch(
    /purser_http_requests_total\{method="POST",route="\/v1\/orders\/:id\/payments",status="2xx"\} 1\n/,
  );
});
