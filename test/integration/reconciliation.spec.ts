import { type MismatchClass, MISMATCH_CLASSES } from '../../src/domains/payments/reconciliation/comparison/mismatch.js';
import { type Injected, Mismatches } from '../support/mismatches/injection.js';
import { aUser } from './orders.fixture.js';
import * as books from './payments.books.js';
import { ReconciliationDesk } from './reconciliation.support.js';

jest.setTimeout(120_000);

const EACH = 4;
const AGREEING = 6;
const HEALED: readonly MismatchClass[] = ['late', 'dashboard-refund'];

let desk: ReconciliationDesk;
let mismatches: Mismatches;

beforeEach(async () => {
  desk = await ReconciliationDesk.open();
  const { shop } = desk;
  const { id: userId } = await aUser(shop.db);
  const door = (method: string, path: string, body?: unknown) => shop.rig.door<unknown>(method, path, body);
  const query = (sql: string) => shop.db.query(sql);
  mismatches = new Mismatches({ stripe: shop.rig.stripe(), userId, query, door });
});

afterEach(async () => {
  await desk?.shop.close();
});

type Report = Awaited<ReturnType<ReconciliationDesk['reconcile']>>;

function foundIn({ findings }: Report): string[] {
  return findings.data.map((finding) => `${finding.class} ${finding.subject}`).sort();
}

const named = (injected: readonly Injected[]) => injected.map((one) => `${one.class} ${one.subject}`).sort();

async function injectAll(each = EACH): Promise<Injected[]> {
  const injected: Injected[] = [];
  for (const one of MISMATCH_CLASSES) injected.push(...(await mismatches.inject(one, each)));
  return injected;
}

/** Every row of every table but the runs themselves and the work about them. */
async function everything(): Promise<string> {
  const tables = [
    'orders',
    'payments',
    'refunds',
    'reviews',
    'provider_calls',
    'ledger_transactions',
    'ledger_entries',
  ];
  const parts = [...tables, 'reconciliation_findings', 'idempotency_keys'].map(
    (table) => `(SELECT md5(coalesce(string_agg(r::text, '' ORDER BY r::text), '')) FROM ${table} AS r)`,
  );
  const events = `(SELECT count(*)::text FROM events WHERE stream !~ '^reconciliation-')`;
  const [row] = await desk.shop.db.query<{ all: string }>(
    `SELECT concat_ws(' ', ${[...parts, events].join(', ')}) AS all`,
  );
  return row?.all ?? '';
}

it('finds every difference of every class, names it rightly, and finds nothing where both sides agree', async () => {
  await mismatches.agreeing(AGREEING);
  const injected = await injectAll();

  const report = await desk.reconcile();

  expect(foundIn(report)).toEqual(named(injected));
  expect(report).toMatchObject({ status: 'completed', findings: { next: null } });
  expect(report.compared.payments).toBeGreaterThan(AGREEING);
  for (const one of MISMATCH_CLASSES) {
    const { healed = 0, review = 0, open = 0, known = 0 } = report.counts[one] ?? {};
    expect([one, healed + review + open, known]).toEqual([one, EACH, 0]);
    if (HEALED.includes(one)) expect([one, healed]).toEqual([one, EACH]);
  }
  expect(await desk.shop.db.query(`SELECT FROM reconciliation_seen`)).toEqual([]);
});

it('changes nothing the second time: what was healed is gone, and the rest is known', async () => {
  await mismatches.agreeing(AGREEING);
  await injectAll();
  const first = await desk.reconcile();
  const before = await everything();
  desk.shop.alarms.raised.length = 0;

  const second = await desk.reconcile();

  expect(await everything()).toBe(before);
  expect(second.findings.data).toEqual([]);
  for (const one of MISMATCH_CLASSES) {
    const { healed = 0, review = 0, open = 0 } = first.counts[one] ?? {};
    expect([one, second.counts[one]?.known ?? 0]).toEqual([one, review + open]);
    expect([one, second.counts[one]?.healed ?? 0, healed + review + open]).toEqual([one, 0, EACH]);
  }
  expect(desk.shop.alarms.raised).toEqual([]);
});

it('heals a late success as settling does: booked once, the order completed, or the money on its way back', async () => {
  const injected = await mismatches.inject('late', 10);
  await desk.reconcile();
  const rows = await desk.shop.db.query<{ id: string; status: string; order: string }>(
    `SELECT p.id, p.status, o.status AS order FROM payments AS p JOIN orders AS o ON o.id = p.order_id`,
  );
  expect(rows).toHaveLength(injected.length);
  for (const { id, status, order } of rows) {
    expect([status, order]).toEqual(order === 'cancelled' ? ['late_succeeded', order] : ['succeeded', 'completed']);
    expect(await books.bookedFor(desk.shop.db, id)).toHaveLength(2);
    expect(await books.refundsOf(desk.shop.db, id)).toHaveLength(status === 'late_succeeded' ? 1 : 0);
  }
});

it('takes a refund of the provider’s dashboard into the books', async () => {
  const [refund] = await mismatches.inject('dashboard-refund', 1);
  await desk.reconcile();
  const rows = await desk.shop.db.query(
    `SELECT r.status, r.provider_refund_id, p.refunded_amount = r.amount AS reserved, t.kind FROM refunds AS r
       JOIN payments AS p ON p.id = r.payment_id JOIN ledger_transactions AS t ON t.source_id = r.id`,
  );
  expect(rows).toEqual([{ status: 'succeeded', provider_refund_id: refund?.subject, reserved: true, kind: 'refund' }]);
});

it('puts what it must not heal before an operator, and changes nothing of it', async () => {
  const [phantom] = await mismatches.inject('missing-capture', 1);
  await mismatches.inject('missing-row', 1);
  await desk.reconcile();

  expect(await books.reviewsOf(desk.shop.db, phantom?.subject ?? '')).toEqual(['reconciliation-missing-capture']);
  expect(await desk.shop.db.query(`SELECT status FROM payments`)).toEqual([{ status: 'succeeded' }]);
  expect(desk.shop.alarms.raised).toEqual(['reconciliation-mismatch']);
});

it('starts over where the provider did not answer, and ends as if it had', async () => {
  const injected = await injectAll(1);
  await desk.shop.rig.arm({ op: 'refunds.list', effect: 'status', status: 503 });
  await expect(desk.reconcile()).resolves.toMatchObject({ status: 'running' });
  await desk.shop.rig.arm();

  await desk.hear();

  const [run] = await desk.runs.list({ limit: 1 });
  const report = await desk.door.get(run?.id ?? '', { limit: 1_000 });
  expect(report.status).toBe('completed');
  expect(foundIn(report)).toEqual(named(injected));
});

it('reads lists of many pages, each object once', async () => {
  await mismatches.agreeing(120);
  const [before] = await mismatches.inject('amount', 1);
  const report = await desk.reconcile();
  expect(report.compared).toEqual({ payments: 121, charges: 121, refunds: 0 });
  expect(foundIn(report)).toEqual(named(before ? [before] : []));
});

it('control: with the ledger out of its sight, it misses what only the ledger tells', async () => {
  const injected = [...(await mismatches.inject('missing-ledger', 2)), ...(await mismatches.inject('late', 2))];
  await desk.shop.db.query(`CREATE FUNCTION blind() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$`);
  await desk.shop.db.query(`CREATE TRIGGER blind BEFORE INSERT ON reconciliation_findings FOR EACH ROW
    WHEN (NEW.class = 'missing-ledger') EXECUTE FUNCTION blind()`);
  const report = await desk.reconcile();
  expect(foundIn(report)).not.toEqual(named(injected));
  expect(foundIn(report)).toEqual(named(injected.filter((one) => one.class === 'late')));
});
