import pg from 'pg';
import type { Payment } from '../../src/domains/payments/payment.entity.js';
import { ProviderCallRetention } from '../../src/domains/payments/scheduled/provider-call-retention.job.js';
import { SalesSummary } from '../../src/domains/payments/scheduled/sales-summary.job.js';
import { WebhookRetention } from '../../src/domains/payments/scheduled/webhook-retention.job.js';
import { testConfig } from '../support/config.js';
import { Events } from '../../src/platform/events/events.js';
import { newId } from '../../src/shared/ids.js';
import { stripeSignature } from '../support/webhook-signature.js';
import { aProduct, anOrder } from './orders.fixture.js';
import { keyed, PaymentDesk, PRICE, WEBHOOK_SECRET } from './payments.support.js';

jest.setTimeout(60_000);

const SLOT = new Date('2026-01-01T00:00:00Z');

let shop: PaymentDesk;

beforeAll(async () => {
  shop = await PaymentDesk.open();
});

afterAll(async () => {
  await shop?.close();
});

describe('old webhooks', () => {
  const forget = () =>
    new WebhookRetention(shop.desk.dataSource, shop.desk.config).run().then(({ outcome }) => outcome);

  /** One that arrived so many days ago. Of its work nothing is left, unless told otherwise. */
  async function aWebhook(days: number, work: 'done' | 'open' | 'parked' = 'done') {
    const id = `evt_${newId()}`;
    const event = { id, object: 'event', type: 'payment_intent.canceled', data: { object: { id: 'pi_1' } } };
    const text = JSON.stringify(event);
    const send = () => shop.webhooks.receive(Buffer.from(text), stripeSignature(text, { secret: WEBHOOK_SECRET }));
    await send();
    const age = `UPDATE webhook_inbox SET received_at = now() - $2 * interval '1 day' WHERE event_id = $1`;
    await shop.db.query(age, [id, days]);
    const mine = `event_id = (SELECT id FROM events WHERE stream = 'inbox-stripe-' || $1)`;
    if (work === 'done') await shop.db.query(`DELETE FROM event_deliveries WHERE ${mine}`, [id]);
    if (work === 'parked') await shop.db.query(`UPDATE event_deliveries SET dead_at = now() WHERE ${mine}`, [id]);
    return { id, send };
  }

  async function inbox(): Promise<string[]> {
    const rows = await shop.db.query<{ id: string }>(`SELECT event_id AS id FROM webhook_inbox ORDER BY 1`);
    return rows.map(({ id }) => id);
  }

  it('go when their work is done; open, parked and young ones stay', async () => {
    await aWebhook(91);
    const kept = [await aWebhook(89), await aWebhook(91, 'open'), await aWebhook(400, 'parked')];
    expect(await forget()).toBe('1 deleted');
    expect(await inbox()).toEqual(kept.map(({ id }) => id).sort());
  });

  it('that come again after they were forgotten are taken, and worked on no second time', async () => {
    const { id, send } = await aWebhook(91);
    await forget();
    await send();
    expect(await inbox()).toContain(id);
    const [events] = await shop.db.query(`SELECT count(*)::integer AS n FROM events WHERE stream = $1`, [
      `inbox-stripe-${id}`,
    ]);
    expect(events).toEqual({ n: 1 });
  });
});

describe('old evidence of calls', () => {
  const forget = (days = 400) => {
    const config = testConfig({
      APP_ENV: 'test',
      DATABASE_URL: shop.db.databaseUrl,
      REDIS_URL: 'redis://127.0.0.1:1',
      PROVIDER_CALL_RETENTION_DAYS: String(days),
    });
    return new ProviderCallRetention(shop.desk.dataSource, config).run().then(({ outcome }) => outcome);
  };

  async function aCall({ id: ownerId }: Pick<Payment, 'id'>, days: number): Promise<string> {
    const id = newId();
    await shop.db.query(
      `INSERT INTO provider_calls (id, owner_id, op, outcome, started_at)
       VALUES ($1, $2, 'submit', 'begun', now() - $3 * interval '1 day')`,
      [id, ownerId, days],
    );
    return id;
  }

  async function isThere(id: string): Promise<boolean> {
    return (await shop.db.query(`SELECT FROM provider_calls WHERE id = $1`, [id])).length === 1;
  }

  it('goes when nothing rests on it any more', async () => {
    const { payment } = await shop.pay();
    const [old, young] = [await aCall(payment, 401), await aCall(payment, 399)];
    expect(await forget()).toBe('1 deleted');
    expect([await isThere(old), await isThere(young)]).toEqual([false, true]);
  });

  it('stays while its payment is live, and while a review is open about it', async () => {
    const { payment: live } = await shop.pay({ paymentMethodId: 'pm_card_authenticationRequired' });
    const { payment: doubtful } = await shop.pay();
    await shop.db.query(`INSERT INTO reviews (id, payment_id, reason) VALUES ($1, $2, 'looks odd')`, [
      newId(),
      doubtful.id,
    ]);
    const calls = [await aCall(live, 3_000), await aCall(doubtful, 3_000)];
    expect(await forget()).toBe('0 deleted');
    expect(await Promise.all(calls.map(isThere))).toEqual([true, true]);

    await shop.cancellation.cancel(live);
    await shop.db.query(`UPDATE reviews SET resolved_at = now(), outcome = 'dismissed' WHERE payment_id = $1`, [
      doubtful.id,
    ]);
    expect(await forget()).toBe('2 deleted');
  });

  it('of the last 30 days stays, whatever the configuration or anybody else asks for', async () => {
    const { payment } = await shop.pay();
    const [older, newer] = [await aCall(payment, 31), await aCall(payment, 29)];
    await forget(1);
    const app = new pg.Client({ connectionString: shop.db.databaseUrl });
    await app.connect();
    await app.query(`SELECT forget_provider_calls('infinity', 1000000)`);
    expect([await isThere(older), await isThere(newer)]).toEqual([false, true]);

    await app.query(`SET purser.forgetting = 'provider_calls'`);
    await expect(app.query(`DELETE FROM provider_calls`)).rejects.toMatchObject({ code: '42501' });
    await app.end();
    const [grant] = await shop.db.query(
      `SELECT has_function_privilege('public', 'forget_provider_calls(timestamptz, integer)', 'EXECUTE') AS "mayAnybody"`,
    );
    expect(grant).toEqual({ mayAnybody: false });
  });

  it('stays append-only for its owner after it was forgotten, in the same transaction', async () => {
    const owner = new pg.Client({ connectionString: shop.db.migratorUrl });
    await owner.connect();
    await owner.query('BEGIN');
    await owner.query(`SELECT forget_provider_calls(now(), 1)`);
    await expect(owner.query(`DELETE FROM provider_calls`)).rejects.toMatchObject({ code: '0A000' });
    await owner.query('ROLLBACK');
    await owner.end();
  });
});

describe('the summary of a day', () => {
  /** The day under way, as the slot that follows it will see it. */
  async function tomorrow(): Promise<Date> {
    const sql = `SELECT date_trunc('day', now(), 'UTC') + interval '24 hours' AS slot`;
    return (await shop.db.query<{ slot: Date }>(sql))[0]?.slot ?? SLOT;
  }

  async function paidInYen(): Promise<void> {
    const { user } = await shop.order();
    const { id: productId } = await aProduct(shop.desk, { stock: 3, unitAmount: 700, currency: 'JPY' });
    const { body } = await anOrder(shop.desk, user.id, { items: [{ productId, quantity: 1 }] });
    await shop.pay({}, { order: { id: body.id, user } });
  }

  it('adds up what the ledger booked, per currency, and is recorded once', async () => {
    const before = await shop.db.query<{ n: number; sum: number }>(
      `SELECT count(*)::integer AS n, coalesce(-sum(amount), 0)::integer AS sum FROM ledger_entries
        WHERE account = 'revenue:orders' AND currency = 'USD'`,
    );
    await paidInYen();
    await shop.pay();
    const { payment, order } = await shop.pay({ captureMethod: 'manual' });
    await shop.captures.capture(payment.id, keyed(order.user.id), 1_000);

    const job = new SalesSummary(shop.desk.dataSource, new Events());
    const slot = await tomorrow();
    const { effect, outcome } = await job.run(slot);
    await shop.desk.transactions.run(async (tx) => effect?.(tx));

    const day = new Date(slot.getTime() - 1).toISOString().slice(0, 10);
    const [event] = await shop.db.query(`SELECT stream, version, payload FROM events WHERE name = 'sales.summarised'`);
    const [earlier = { n: 0, sum: 0 }] = before;
    expect(event).toEqual({
      stream: `sales-${day}`,
      version: 1,
      payload: {
        day,
        totals: [
          { currency: 'JPY', payments: 1, capturedAmount: 700, refundedAmount: 0 },
          { currency: 'USD', payments: earlier.n + 2, capturedAmount: earlier.sum + PRICE + 1_000, refundedAmount: 0 },
        ],
      },
    });
    expect(outcome).toBe(`${day}: ${earlier.n + 3} payments`);
    await expect(shop.desk.transactions.run(async (tx) => effect?.(tx))).rejects.toThrow('events_stream_version_key');
  });

  it('of a day without sales says so', async () => {
    const { outcome } = await new SalesSummary(shop.desk.dataSource, new Events()).run(SLOT);
    expect(outcome).toBe('2025-12-31: 0 payments');
  });
});
