import { JOB_NAMES, SCHEDULES } from '../../src/contracts/schedules.js';
import { LOCAL_SECRETS } from '../../src/platform/config/config.schema.js';
import { expectStatus } from '../support/client.js';
import { type RunningShop, startShop } from '../support/running-shop.js';
import { tampering } from '../support/tampering.js';

jest.setTimeout(180_000);

const WORKERS = 3;
/** How far the clock of each worker's process is off: further than any slot is long. */
const SKEW_HOURS = [-26, 0, 26];

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

/** Has a program believe that it is so much later. PostgreSQL's clock stays what it is. */
function skewedBy(hours: number): Record<string, string> {
  const script = `const Real = Date; const off = ${hours} * 3600000;
    globalThis.Date = class Date extends Real {
      constructor(...given) { if (given.length > 0) super(...given); else super(Real.now() + off); }
      static now() { return Real.now() + off; }
    };`;
  return { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(script)}` };
}

/** What the workers' own clocks were off by when they started, in hours, as their logs show it. */
function loggedSkews(): Set<number> {
  const ready = shop.logged('worker').filter(({ message }) => message === 'worker ready');
  return new Set(ready.map(({ time }) => Math.round((Date.parse(String(time)) - Date.now()) / 3_600_000)));
}

const sorted = (names: readonly string[]): string[] => [...names].sort();

it(`${WORKERS} workers do all the work of a slot, each piece once`, async () => {
  await shop.waitUntil(async () => (await finished()).length >= JOB_NAMES.length, { what: 'all jobs to be done' });
  expect(await finished()).toEqual(sorted(JOB_NAMES));
  const summaries = await shop.query(`SELECT payload ->> 'day' AS day FROM events WHERE name = 'sales.summarised'`);
  expect(summaries).toHaveLength(1);
});

it('a slot that passed while all workers were down runs once when they are back, whatever their own clocks say', async () => {
  const everybody = Array.from({ length: WORKERS }, (_, index) => index);
  await shop.quiet();
  await Promise.all(everybody.map((index) => shop.kill('worker', { index })));
  const hourly = JOB_NAMES.filter((job) => SCHEDULES[job].every === 'hour');
  // Down for five hours: the last slots that ran are that old.
  await shop.query(`UPDATE schedule_runs SET slot = slot - interval '5 hours' WHERE job = ANY ($1)`, [hourly]);
  await shop.query(`ALTER TABLE events DISABLE TRIGGER events_append_only`);
  await shop.query(`UPDATE events SET stream = 'earlier-' || stream WHERE name = 'schedule.due'`);
  await Promise.all(everybody.map((index) => shop.start('worker', index, skewedBy(SKEW_HOURS[index] ?? 0))));

  const all = sorted([...JOB_NAMES, ...hourly]);
  await shop.waitUntil(async () => (await finished()).length >= all.length, { what: 'the missed slot to be done' });
  await shop.quiet();
  expect(await finished()).toEqual(all);
  expect(loggedSkews()).toEqual(new Set(SKEW_HOURS));
});

it('would be claimed by each of them for a day of its own if they went by their own clocks (control)', async () => {
  const claims = async () => (await shop.query(`SELECT 1 FROM schedule_runs`)).length;
  const before = await claims();
  await tampering.workersGoByTheirOwnClocks(shop, SKEW_HOURS);
  const isClaimed = async () => (await claims()) >= before + 2 * JOB_NAMES.length;
  await shop.waitUntil(isClaimed, { what: 'the slots of yesterday and tomorrow to be claimed' });
  await tampering.allGoByOneClock(shop);
  await shop.quiet();
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
