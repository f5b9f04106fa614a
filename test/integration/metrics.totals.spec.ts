import { firstIdAt } from '../../src/platform/database/sql.js';
import { EventTotalsRepository, type EventTotal } from '../../src/platform/metrics/event-totals.repository.js';
import { newId } from '../../src/shared/ids.js';
import { waitUntil } from '../support/wait.js';
import { keyed, PaymentDesk, PRICE } from './payments.support.js';
import { settingsOf } from './schedules.support.js';

jest.setTimeout(60_000);

const READERS = 3;
const MANY = 50_500;
/** Longer than a statement takes here from the id it makes to its commit. */
const SETTLE_MS = 1_500;

let shop: PaymentDesk;

beforeAll(async () => {
  shop = await PaymentDesk.open();
});

afterAll(async () => {
  await shop?.close();
});

function totals(settleMs: number): EventTotalsRepository {
  const config = settingsOf(shop.db, { METRICS_SETTLE_MS: String(settleMs) });
  return new EventTotalsRepository(shop.desk.dataSource, config);
}

const countOf = (read: readonly EventTotal[], name: string): number =>
  read.filter((total) => total.name === name).reduce((sum, { events }) => sum + events, 0);

async function registered(): Promise<number> {
  const sql = `SELECT count(*)::integer AS n FROM events WHERE name = 'user.registered'`;
  return (await shop.db.query<{ n: number }>(sql))[0]?.n ?? 0;
}

async function register(count = 1): Promise<void> {
  await shop.db.query(
    `INSERT INTO events (id, stream, version, name, payload)
     SELECT (lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0') || '7'
             || substr(replace(gen_random_uuid()::text, '-', ''), 14))::uuid, 'user-' || gen_random_uuid(), 1, 'user.registered', '{}'
       FROM generate_series(1, $1)`,
    [count],
  );
}

/** Adds up until the cursor stands behind every event: one of this very millisecond is not settled yet. */
async function settle(): Promise<void> {
  const isAddedUp = async (): Promise<boolean> => {
    if (await totals(1).addUp()) return false;
    const soon = firstIdAt(`(now() + interval '1 second')`);
    const left = await shop.db.query(
      `SELECT FROM events WHERE id >= (SELECT counted_to FROM event_totals_cursor) AND id < ${soon} LIMIT 1`,
    );
    return left.length === 0;
  };
  await waitUntil(isAddedUp, { what: 'everything to be added up' });
}

describe('the totals of events', () => {
  it('are what was committed, added up or not; revenue is what the ledger says', async () => {
    await shop.pay();
    const { payment, order } = await shop.pay({ captureMethod: 'manual' });
    await shop.captures.capture(payment.id, keyed(order.user.id), 1_000);
    await shop.pay({ paymentMethodId: 'pm_card_chargeDeclined' });
    await shop.order();
    const expected = [
      { name: 'order.completed', currency: '', events: 2, amount: 0 },
      { name: 'order.placed', currency: 'USD', events: 4, amount: 0 },
      { name: 'payment.succeeded', currency: 'USD', events: 2, amount: PRICE + 1_000 },
    ];

    expect(await totals(600_000).read()).toEqual(expected);
    await settle();
    expect(await totals(600_000).read()).toEqual(expected);
    const [kept] = await shop.db.query(`SELECT count(*)::integer AS n FROM event_totals`);
    expect(kept).toEqual({ n: expected.length });

    const [ledger] = await shop.db.query(
      `SELECT -sum(amount)::integer AS revenue FROM ledger_entries WHERE account = 'revenue:orders'`,
    );
    expect(ledger).toEqual({ revenue: PRICE + 1_000 });
  });

  it(`never miss and never repeat one while ${READERS} workers add up and others register`, async () => {
    let isOver = false;
    const writer = async () => {
      const end = performance.now() + 2 * SETTLE_MS;
      while (performance.now() < end) await register(7);
      isOver = true;
    };
    const adder = async () => {
      while (!isOver) await totals(SETTLE_MS).addUp();
    };
    const unlike: object[] = [];
    const reader = async () => {
      while (!isOver) {
        const before = await registered();
        const told = countOf(await totals(SETTLE_MS).read(), 'user.registered');
        const after = await registered();
        if (told < before || told > after) unlike.push({ before, told, after });
      }
    };
    await Promise.all([writer(), reader(), ...Array.from({ length: READERS }, adder)]);

    expect(unlike).toEqual([]);
    await settle();
    expect(countOf(await totals(SETTLE_MS).read(), 'user.registered')).toBe(await registered());
  });

  it('are wrong when the cursor is not where they end (control)', async () => {
    await register();
    await settle();
    const right = await registered();
    await shop.db.query(`UPDATE event_totals_cursor SET counted_to = '00000000-0000-0000-0000-000000000000'`);
    await settle();
    expect(countOf(await totals(1).read(), 'user.registered')).toBe(2 * right);
    await shop.db.query(`DELETE FROM event_totals`);
    await shop.db.query(`UPDATE event_totals_cursor SET counted_to = '00000000-0000-0000-0000-000000000000'`);
  });

  it('are added up in bounded batches, and not before they are settled', async () => {
    await register(MANY);
    expect(await totals(600_000).addUp()).toBe(false);
    expect(await shop.db.query(`SELECT FROM event_totals`)).toEqual([]);
    expect(await totals(1).addUp()).toBe(true);
    expect(await totals(1).addUp()).toBe(false);
    expect(countOf(await totals(1).read(), 'user.registered')).toBe(await registered());
  });

  it('count an event whose clock is ahead once, before and after its time has come', async () => {
    await settle();
    const before = countOf(await totals(1).read(), 'user.registered');
    const clock = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 300_000);
    const id = newId();
    clock.mockRestore();
    await shop.db.query(
      `INSERT INTO events (id, stream, version, name, payload) VALUES ($1, $2, 1, 'user.registered', '{}')`,
      [id, `user-${id}`],
    );
    await settle();
    expect(countOf(await totals(1).read(), 'user.registered')).toBe(before + 1);
    await shop.db.query(`UPDATE event_totals_cursor SET counted_to = $1`, [id]);
    expect(countOf(await totals(1).read(), 'user.registered')).toBe(before + 1);
  });
});
