import type Stripe from 'stripe';
import { newId } from '../../src/shared/ids.js';
import { idOf } from '../contract/sandbox.fixture.js';
import { tampering } from '../support/tampering.js';
import { waitUntil } from '../support/wait.js';
import { stripeSignature } from '../support/webhook-signature.js';
import * as books from './payments.books.js';
import { PaymentDesk, PRICE, WEBHOOK_SECRET } from './payments.support.js';

jest.setTimeout(60_000);

const DISPUTE_FEE = 1_500;

let shop: PaymentDesk;

beforeAll(async () => {
  shop = await PaymentDesk.open({ WEBHOOK_ORPHAN_AFTER_MS: '600', DATABASE_CONNECT_TIMEOUT_MS: '30000' });
});

afterAll(async () => {
  await shop?.close();
});

beforeEach(async () => {
  shop.alarms.raised.length = 0;
  await shop.db.query(`DELETE FROM event_deliveries`);
});

/** A captured payment, and the bank's objection to it as the provider has it. */
async function disputed({ card = 'pm_card_visa' } = {}) {
  const { payment } = await shop.pay({ paymentMethodId: card });
  const path = `/_sandbox/charges/${payment.stripeChargeId}/dispute`;
  const { id } = await shop.rig.door<{ id: string }>('POST', path);
  return { payment, id };
}

/** A signed hint; nothing in it but its type and the dispute's id is true. */
async function hint(disputeId: string, type = 'charge.dispute.created'): Promise<void> {
  const object = { id: disputeId, object: 'dispute', amount: 1, status: 'won', payment_intent: 'pi_another' };
  const text = JSON.stringify({ id: `evt_${newId()}`, object: 'event', type, data: { object } });
  await shop.webhooks.receive(Buffer.from(text), stripeSignature(text, { secret: WEBHOOK_SECRET }));
}

async function row(providerDisputeId: string) {
  const [dispute] = await shop.db.query<{ id: string; status: string; version: number }>(
    `SELECT id, payment_id, amount::integer, currency, reason, status, version, withdrawn_at IS NOT NULL AS withdrawn,
            reinstated_at IS NOT NULL AS reinstated FROM disputes WHERE provider_dispute_id = $1`,
    [providerDisputeId],
  );
  return dispute;
}

async function booked(disputeId: string): Promise<string[]> {
  const rows = await shop.db.query<{ entry: string }>(
    `SELECT t.kind || ' ' || e.account || ' ' || e.amount AS entry FROM ledger_transactions AS t
       JOIN ledger_entries AS e ON e.transaction_id = t.id WHERE t.source_id = $1 ORDER BY t.kind, e.account`,
    [disputeId],
  );
  return rows.map(({ entry }) => entry);
}

async function events(disputeId: string): Promise<{ name: string; order_id: string; status: string }[]> {
  const sql = `SELECT name, order_id, payload ->> 'status' AS status FROM events WHERE stream = $1 ORDER BY version`;
  return shop.db.query(sql, [`dispute-${disputeId}`]);
}

function close(id: string, words: string): Promise<Stripe.Dispute> {
  return shop.rig.stripe().disputes.update(id, { evidence: { uncategorized_text: words }, submit: true });
}

const WITHDRAWN = [
  `dispute disputes ${PRICE}`,
  `dispute provider:stripe ${-PRICE}`,
  `fee fees:stripe ${DISPUTE_FEE}`,
  `fee provider:stripe ${-DISPUTE_FEE}`,
];

it('is recorded and booked as the provider says, flags its order and tells an operator: once', async () => {
  const { payment, id } = await disputed();
  const types = ['created', 'funds_withdrawn', 'updated', 'created'].map((name) => `charge.dispute.${name}`);
  for (const type of types) await hint(id, type);

  expect(await shop.hear('webhooks')).toBe(4);

  const dispute = await row(id);
  expect(dispute).toMatchObject({ payment_id: payment.id, amount: PRICE, currency: 'USD', reason: 'fraudulent' });
  expect(dispute).toMatchObject({ status: 'needs_response', version: 1, withdrawn: true, reinstated: false });
  expect(await booked(dispute?.id ?? '')).toEqual(WITHDRAWN);
  expect(await events(dispute?.id ?? '')).toEqual([
    { name: 'dispute.opened', order_id: payment.orderId, status: 'needs_response' },
  ]);
  expect(await books.reviewsOf(shop.db, payment.id)).toEqual(['dispute-opened']);
  expect(shop.alarms.raised).toEqual(['dispute-opened']);
  expect(await shop.payments.get(payment.id)).toMatchObject({ status: 'succeeded', refundedAmount: 0 });
});

it('is booked once however many workers look at it at the same time', async () => {
  const { payment, id } = await disputed();

  expect(await Promise.all(Array.from({ length: 8 }, () => shop.disputes.settleDispute(id)))).not.toContain(false);

  const dispute = await row(id);
  expect(dispute).toMatchObject({ version: 1 });
  expect(await booked(dispute?.id ?? '')).toEqual(WITHDRAWN);
  expect(await books.reviewsOf(shop.db, payment.id)).toEqual(['dispute-opened']);
  expect(shop.alarms.raised).toEqual(['dispute-opened']);
});

it('gives the money back to the books when it is won, and keeps it away when it is lost', async () => {
  const [won, lost] = [await disputed(), await disputed()];
  for (const { id } of [won, lost]) await shop.disputes.settleDispute(id);
  await close(won.id, 'winning_evidence');
  await close(lost.id, 'losing_evidence');

  for (const { id } of [won, lost, won, lost]) await hint(id, 'charge.dispute.closed');
  await shop.hear('webhooks');

  const [first, second] = [await row(won.id), await row(lost.id)];
  expect(first).toMatchObject({ status: 'won', version: 2, withdrawn: true, reinstated: true });
  expect(await booked(first?.id ?? '')).toEqual([
    ...WITHDRAWN.slice(0, 2),
    `dispute_reversal disputes ${-PRICE}`,
    `dispute_reversal provider:stripe ${PRICE}`,
    ...WITHDRAWN.slice(2),
  ]);
  expect(second).toMatchObject({ status: 'lost', version: 2, reinstated: false });
  expect(await booked(second?.id ?? '')).toEqual(WITHDRAWN);
  expect((await events(first?.id ?? '')).map(({ name }) => name)).toEqual(['dispute.opened', 'dispute.closed']);
});

it('is opened and closed when all its webhooks were lost but the last', async () => {
  const { id } = await disputed();
  await close(id, 'losing_evidence');
  await hint(id, 'charge.dispute.closed');
  await shop.hear('webhooks');

  const dispute = await row(id);
  expect(dispute).toMatchObject({ status: 'lost', version: 2 });
  expect((await events(dispute?.id ?? '')).map(({ name, status }) => `${name} ${status}`)).toEqual([
    'dispute.opened under_review',
    'dispute.closed lost',
  ]);
  expect(await booked(dispute?.id ?? '')).toEqual(WITHDRAWN);
});

it('books nothing while the bank only asks', async () => {
  const { payment } = await shop.pay({ paymentMethodId: 'pm_card_createDisputeInquiry' });
  const find = async () =>
    (await shop.rig.stripe().disputes.list({ payment_intent: payment.providerPaymentId ?? '' })).data[0]?.id;
  const id = await waitUntil(find, { what: 'the inquiry to arrive' });

  await shop.disputes.settleDispute(id ?? '');

  const dispute = await row(id ?? '');
  expect(dispute).toMatchObject({ status: 'inquiry', withdrawn: false });
  expect(await booked(dispute?.id ?? '')).toEqual([]);
});

it('has no effect where it is about no charge of ours, and ends in an alarm', async () => {
  const stray = await shop.rig.stripe().paymentIntents.create({
    amount: 500,
    currency: 'usd',
    payment_method: 'pm_card_visa',
    confirm: true,
    return_url: 'https://shop.example',
  });
  const { id } = await shop.rig.door<{ id: string }>('POST', `/_sandbox/charges/${idOf(stray.latest_charge)}/dispute`);
  await hint(id);
  await hint('du_nobody_has_this_one');
  const before = await shop.db.query(`SELECT count(*) FROM ledger_entries`);

  await waitUntil(async () => (await shop.hear('webhooks')) === 0, { what: 'both orphans to be closed' });

  expect(shop.alarms.raised).toEqual(['webhook-orphan', 'webhook-orphan']);
  expect(await row(id)).toBeUndefined();
  expect(await shop.db.query(`SELECT count(*) FROM ledger_entries`)).toEqual(before);
  expect(await shop.db.query(`SELECT 1 FROM event_deliveries WHERE dead_at IS NOT NULL`)).toEqual([]);
});

it('is asked about again when the provider does not answer', async () => {
  const { id } = await disputed();
  await shop.rig.arm({ op: 'disputes.retrieve', effect: 'status', status: 503 });
  await hint(id);
  await shop.hear('webhooks');
  const open = `SELECT attempts FROM event_deliveries WHERE subscriber = 'webhooks' AND dead_at IS NULL`;
  expect(await shop.db.query(open)).toEqual([{ attempts: 1 }]);
  expect(await row(id)).toBeUndefined();

  await shop.rig.arm();
  await shop.hear('webhooks');
  expect(await row(id)).toMatchObject({ status: 'needs_response' });
});

it('stays booked once when its row forgets that money moved, and would not if the book forgot its sources (control)', async () => {
  const { id } = await disputed();
  const bookings = async () =>
    (await shop.db.query(`SELECT 1 FROM ledger_transactions WHERE kind = 'dispute'`)).length - before;
  const again = async () => {
    await shop.db.query(`UPDATE disputes SET withdrawn_at = NULL WHERE provider_dispute_id = $1`, [id]);
    await shop.disputes.settleDispute(id);
  };
  const before = (await shop.db.query(`SELECT 1 FROM ledger_transactions WHERE kind = 'dispute'`)).length;
  await shop.disputes.settleDispute(id);
  await again();
  expect(await bookings()).toBe(1);

  await tampering.bookForgetsSources(shop.db);
  await again();
  expect(await bookings()).toBe(2);
});
