import pg from 'pg';
import type { ScheduledJob } from '../../src/contracts/schedules.js';
import { SessionRetention } from '../../src/domains/users/sessions/session-retention.job.js';
import { IdempotencyRetention } from '../../src/platform/database/idempotency-retention.job.js';
import { ParkedRetention } from '../../src/platform/events/parked-retention.job.js';
import { RunRetention } from '../../src/platform/scheduling/run-retention.job.js';
import { newId } from '../../src/shared/ids.js';
import { aUser } from './orders.fixture.js';
import { PaymentDesk } from './payments.support.js';

jest.setTimeout(60_000);

const SLOT = new Date('2026-01-01T00:00:00Z');
const BATCH_ROWS = 1_000;

let shop: PaymentDesk;

beforeAll(async () => {
  shop = await PaymentDesk.open();
});

afterAll(async () => {
  await shop?.close();
});

function outcomeOf(job: ScheduledJob): Promise<string> {
  return job.run(SLOT).then(({ outcome }) => outcome);
}

async function idsOf(sql: string, params: unknown[] = []): Promise<string[]> {
  return (await shop.db.query<{ id: string }>(sql, params)).map(({ id }) => id);
}

describe('expired idempotency keys', () => {
  /** What keys there are for these, expired or not. */
  const keysFor = (...ids: string[]) =>
    idsOf(`SELECT resource_id AS id FROM idempotency_keys WHERE resource_id = ANY ($1::uuid[]) ORDER BY 1`, [ids]);
  const expireAll = () => shop.db.query(`UPDATE idempotency_keys SET expires_at = now() - interval '1 minute'`);

  async function aRefundKey(status: string): Promise<string> {
    const { payment, order } = await shop.pay();
    const id = newId();
    await shop.db.query(
      `WITH reserved AS (UPDATE payments SET refunded_amount = 1 WHERE id = $2)
       INSERT INTO refunds (id, payment_id, amount, currency, reason, status, is_booked, provider_idempotency_key)
       VALUES ($1, $2, 1, 'USD', 'asked', $3, $3 = 'succeeded', $4)`,
      [id, payment.id, status, id],
    );
    await shop.db.query(
      `INSERT INTO idempotency_keys (user_id, endpoint, key, request_hash, resource_id)
       VALUES ($1, 'POST /v1/refunds', $2, 'x', $3)`,
      [order.user.id, id, id],
    );
    return id;
  }

  it('go when what they made is over, and stay while it is under way', async () => {
    const paid = await shop.pay();
    const waiting = await shop.pay({ paymentMethodId: 'pm_card_authenticationRequired' });
    const unpaid = await shop.order();
    const [openRefund, endedRefund] = [await aRefundKey('unknown'), await aRefundKey('succeeded')];
    await expireAll();
    const young = await shop.pay();

    const outcome = await outcomeOf(new IdempotencyRetention(shop.desk.dataSource));

    const kept = [waiting.payment.id, waiting.order.id, unpaid.id, openRefund, young.payment.id, young.order.id];
    expect(await keysFor(...kept)).toEqual(kept.sort());
    expect(await keysFor(paid.payment.id, paid.order.id, endedRefund)).toEqual([]);
    expect(outcome).toMatch(/^\d+ deleted$/);
    expect(await outcomeOf(new IdempotencyRetention(shop.desk.dataSource))).toBe('0 deleted');
  });

  it('go in time, once what they made has ended (control)', async () => {
    const { payment, order } = await shop.pay({ paymentMethodId: 'pm_card_authenticationRequired' });
    await expireAll();
    await outcomeOf(new IdempotencyRetention(shop.desk.dataSource));
    expect(await keysFor(payment.id, order.id)).toHaveLength(2);
    await shop.cancellation.cancel(payment);
    await shop.db.query(`UPDATE orders SET status = 'cancelled' WHERE id = $1`, [order.id]);
    await outcomeOf(new IdempotencyRetention(shop.desk.dataSource));
    expect(await keysFor(payment.id, order.id)).toEqual([]);
  });
});

describe('sessions', () => {
  it('that were over long enough ago go; the open ones and the latest stay', async () => {
    const { id: userId } = await aUser(shop.db);
    const session = async (expiresAt: string, revokedAt: string | null) => {
      const id = newId();
      await shop.db.query(
        `INSERT INTO sessions (id, user_id, seed, expires_at, revoked_at, revoked_reason)
         VALUES ($1, $2, 'x', now() + $3::interval, now() + $4::interval, CASE WHEN $4 IS NULL THEN NULL ELSE 'logout' END)`,
        [id, userId, expiresAt, revokedAt],
      );
      return id;
    };
    const kept = [await session('1 day', null), await session('-29 days', null), await session('1 day', '-29 days')];
    await session('-31 days', null);
    await session('1 day', '-31 days');
    await session('-31 days', '-40 days');

    expect(await outcomeOf(new SessionRetention(shop.desk.dataSource, shop.desk.config))).toBe('3 deleted');
    expect(await idsOf(`SELECT id FROM sessions WHERE user_id = $1 ORDER BY id`, [userId])).toEqual(kept.sort());
  });
});

describe('parked deliveries', () => {
  const job = () => new ParkedRetention(shop.desk.dataSource, shop.desk.config);

  /** An event of its own with one delivery, that long ago. */
  async function aDelivery(age: string, isParked: boolean, count = 1): Promise<void> {
    await shop.db.query(
      `WITH made AS (INSERT INTO events (id, stream, version, name, payload, occurred_at)
         SELECT gen_random_uuid(), 'retention-' || gen_random_uuid(), 1, 'user.changed', '{}', now() - $1::interval
           FROM generate_series(1, $3) RETURNING id)
       INSERT INTO event_deliveries (event_id, subscriber, available_at, dead_at)
         SELECT id, 'nobody', now() - $1::interval, CASE WHEN $2 THEN now() - $1::interval END FROM made`,
      [age, isParked, count],
    );
  }

  const left = () => shop.db.query(`SELECT count(*)::integer AS n FROM event_deliveries WHERE subscriber = 'nobody'`);

  it('go when nobody replayed them for long; what is open is never too old, and the events stay', async () => {
    await aDelivery('91 days', true);
    await aDelivery('89 days', true);
    await aDelivery('400 days', false);
    expect(await outcomeOf(job())).toBe('1 deleted');
    expect(await left()).toEqual([{ n: 2 }]);
    const [events] = await shop.db.query(`SELECT count(*)::integer AS n FROM events WHERE name = 'user.changed'`);
    expect(events).toEqual({ n: 3 });
  });

  it('go in batches, each a statement of its own', async () => {
    await aDelivery('91 days', true, 2 * BATCH_ROWS + 500);
    const spy = jest.spyOn(shop.desk.dataSource, 'query');
    expect(await outcomeOf(job())).toBe('2500 deleted');
    expect(spy).toHaveBeenCalledTimes(3);
    spy.mockRestore();
    expect(await left()).toEqual([{ n: 2 }]);
  });

  it('that somebody holds right now are left for the next slot, and nobody waits', async () => {
    await aDelivery('92 days', true);
    const client = new pg.Client({ connectionString: shop.db.databaseUrl });
    await client.connect();
    await client.query('BEGIN');
    await client.query(`SELECT 1 FROM event_deliveries WHERE dead_at < now() - interval '90 days' FOR UPDATE`);
    expect(await outcomeOf(job())).toBe('0 deleted');
    await client.query('ROLLBACK');
    await client.end();
    expect(await outcomeOf(job())).toBe('1 deleted');
  });
});

describe('rows about runs', () => {
  it('go when they are old', async () => {
    await shop.db.query(
      `INSERT INTO schedule_runs (job, slot) SELECT 'x', date_trunc('day', now()) - days * interval '1 day'
         FROM unnest(ARRAY[0, 89, 91, 200]) AS days`,
    );
    expect(await outcomeOf(new RunRetention(shop.desk.dataSource, shop.desk.config))).toBe('2 deleted');
    expect(await shop.db.query(`SELECT FROM schedule_runs`)).toHaveLength(2);
  });
});
