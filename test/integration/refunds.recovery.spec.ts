import { RefundExceedsCaptured } from '../../src/domains/payments/refunds/refund.errors.js';
import { newId } from '../../src/shared/ids.js';
import { tampering } from '../support/tampering.js';
import * as books from './payments.books.js';
import { PRICE } from './payments.support.js';
import { RefundDesk } from './refunds.support.js';

jest.setTimeout(60_000);

const PART = 1_900;
const DOWN = { op: 'refunds.list', effect: 'status', status: 503 } as const;

let desk: RefundDesk;

beforeAll(async () => {
  desk = await RefundDesk.open();
});

afterAll(async () => {
  await desk?.shop.close();
});

beforeEach(async () => {
  await desk.shop.rig.arm();
  await desk.shop.db.query(`UPDATE refunds SET next_check_at = NULL`);
  desk.shop.alarms.raised.length = 0;
});

/** Nobody heard what became of it; `dropReply` made it, `reset` did not. */
async function aLostRefund(effect: 'dropReply' | 'reset' = 'dropReply', where = desk) {
  const payment = await where.paid();
  const key = newId();
  await where.silence(effect);
  const reply = await where.refund(payment, { amount: PART, key });
  expect(reply).toMatchObject({ status: 202, body: { status: 'unknown' } });
  await where.shop.rig.arm();
  return { payment, key, refund: await where.onlyRefundOf(payment) };
}

describe('a refund whose answer was lost', () => {
  it.each(['dropReply', 'reset'] as const)('is found under its own key, once (%s)', async (effect) => {
    const { payment, key, refund } = await aLostRefund(effect);
    expect(await desk.reservedIn(payment)).toBe(PART);
    expect(await desk.refund(payment, { amount: PART, key })).toMatchObject({ status: 202, replayed: true });

    expect(await desk.recovered(refund)).toMatchObject({ status: 'succeeded', isBooked: true, nextCheckAt: null });

    expect(await desk.done(payment)).toEqual([`refunded ${PART}`]);
    expect(await desk.eventsOf(refund)).toEqual(['submitted', 'unknown', 'succeeded']);
    expect(await desk.refund(payment, { amount: PART, key })).toMatchObject({ status: 201, replayed: true });
  });

  it('keeps its amount reserved: nobody else gets it', async () => {
    const { payment } = await aLostRefund();

    await expect(desk.refund(payment, { amount: PRICE - PART + 1 })).rejects.toBeInstanceOf(RefundExceedsCaptured);
    expect(await desk.refund(payment, { amount: PRICE - PART })).toMatchObject({ status: 201 });
  });

  it('is submitted for the first time when the process died before the call', async () => {
    const payment = await desk.paid();
    const refund = await desk.opened(payment, { amount: PART });

    expect(await desk.recovered(refund)).toMatchObject({ status: 'succeeded' });
    expect(await desk.done(payment)).toEqual([`refunded ${PART}`]);
  });

  it('is not looked at before its time, and by one worker at a time', async () => {
    const payment = await desk.paid();
    const refund = await desk.opened(payment, { amount: PART });
    const { recovery, refunds } = desk.shop.refunding;
    await recovery.recoverDue();
    expect((await refunds.get(refund.id)).checks).toBe(0);

    await desk.shop.db.query(`UPDATE refunds SET next_check_at = now() WHERE id = $1`, [refund.id]);
    await Promise.all([recovery.recoverDue(), recovery.recoverDue(), recovery.recoverDue()]);

    expect(await desk.done(payment)).toEqual([`refunded ${PART}`]);
  });
});

describe('a refund that is older than ten minutes', () => {
  it('is never submitted again: the list finds it', async () => {
    const { payment, refund } = await aLostRefund();

    expect(await desk.recovered(refund, { first: '11 minutes', last: '2 minutes' })).toMatchObject({
      status: 'succeeded',
      isBooked: true,
    });
    expect(await desk.done(payment)).toHaveLength(1);
    expect((await desk.shop.rig.outcomes()).at(-1)).not.toContain('refunds.create');
  });

  it('has failed when the complete list does not know it: its amount is free, and the key says so', async () => {
    const { payment, key, refund } = await aLostRefund('reset');

    expect(await desk.recovered(refund, { first: '11 minutes', last: '2 minutes' })).toMatchObject({
      status: 'failed',
      lastError: { kind: 'absent' },
    });
    expect(await desk.reservedIn(payment)).toBe(0);
    expect(await desk.refund(payment, { amount: PART, key })).toMatchObject({
      status: 409,
      body: { code: 'refund-refused', reason: 'never-submitted' },
    });
    expect(await desk.refund(payment)).toMatchObject({ status: 201, body: { amount: PRICE } });
  });

  it('waits for a list that is begun a minute after the last submission', async () => {
    const { refund } = await aLostRefund('reset');

    expect((await desk.recovered(refund, { first: '11 minutes', last: '50 seconds' })).status).toBe('unknown');
  });

  it('stays unknown, and reserved, while the list does not answer', async () => {
    const { payment, refund } = await aLostRefund();
    await desk.shop.rig.arm(DOWN);

    expect((await desk.recovered(refund, { first: '11 minutes', last: '2 minutes' })).status).toBe('unknown');
    expect(await desk.reservedIn(payment)).toBe(PART);
    expect(desk.shop.alarms.raised).toEqual([]);
  });

  it('is put before an operator after 23 hours, once, and still ends when the provider speaks', async () => {
    const { payment, refund } = await aLostRefund();
    await desk.shop.rig.arm(DOWN);
    const unknown = await desk.recovered(refund, { first: '23 hours 1 minute', last: '23 hours' });
    await desk.recovered(refund);

    expect(unknown.status).toBe('unknown');
    expect(await desk.reservedIn(payment)).toBe(PART);
    expect(await books.reviewsOf(desk.shop.db, payment.id)).toEqual(['provider-did-not-answer']);
    expect(desk.shop.alarms.raised).toEqual(['payment-review-opened']);
    // Now and then, not every minute.
    expect((unknown.nextCheckAt?.getTime() ?? 0) - Date.now()).toBeGreaterThan(40 * 60_000);

    await desk.shop.rig.arm();
    expect((await desk.recovered(refund)).status).toBe('succeeded');
  });

  it('that arrives after it was given up is booked all the same, when it fits', async () => {
    const { payment, refund } = await aLostRefund('reset');
    await desk.recovered(refund, { first: '11 minutes', last: '2 minutes' });
    const late = await desk.shop.rig.stripe().refunds.create({
      payment_intent: payment.providerPaymentId ?? '',
      amount: PART,
      metadata: { refund_id: refund.id },
    });

    expect(await desk.shop.refunding.lookup.settleRefund(late.id)).toBe(true);

    expect(await desk.shop.refunding.refunds.get(refund.id)).toMatchObject({ status: 'succeeded', isBooked: true });
    expect(await desk.reservedIn(payment)).toBe(PART);
  });
});

describe('a late success', () => {
  it('is submitted by recovery, and a refusal is for an operator: nobody else waits for it', async () => {
    const payment = await desk.paid();
    await desk.shop.desk.transactions.run(async (tx) => {
      await tx.query(`UPDATE payments SET refunded_amount = captured_amount WHERE id = $1`, [payment.id]);
      await desk.shop.refunding.refunds.request(tx, payment, { amount: PRICE, reason: 'late-success' });
    });
    await desk.shop.rig.door('POST', `/_sandbox/charges/${payment.stripeChargeId}/dispute`);
    const requested = await desk.onlyRefundOf(payment);
    expect(requested).toMatchObject({ status: 'requested', firstSubmittedAt: null, requestedBy: null });

    const refund = await desk.recovered(requested);

    expect(refund).toMatchObject({ status: 'failed', lastError: { code: 'charge_disputed' } });
    expect(await desk.eventsOf(refund)).toEqual(['requested', 'submitted', 'failed']);
    expect(await books.reviewsOf(desk.shop.db, payment.id)).toEqual(['refund-failed']);
    expect(desk.shop.alarms.raised).toEqual(['payment-review-opened']);
  });
});

describe('a refund a bank works on', () => {
  it('is booked and answered at once, asked about now and then, and ends at the bank’s word', async () => {
    const payment = await desk.paid('pm_card_pendingRefund');
    const reply = await desk.refund(payment, { amount: PART });
    expect(reply).toMatchObject({ status: 201, body: { status: 'pending' } });
    const pending = await desk.onlyRefundOf(payment);
    expect(pending.isBooked).toBe(true);
    expect((pending.nextCheckAt?.getTime() ?? 0) - Date.now()).toBeGreaterThan(40 * 60_000);
    const isOver = async () =>
      (await desk.shop.rig.stripe().refunds.retrieve(pending.providerRefundId ?? '')).status === 'succeeded';
    await desk.until(isOver);

    expect((await desk.recovered(pending)).status).toBe('succeeded');

    expect(await desk.eventsOf(pending)).toEqual(['submitted', 'pending', 'succeeded']);
    expect(await books.bookedFor(desk.shop.db, pending.id)).toEqual([`provider:stripe -${PART}`, `refunds ${PART}`]);
  });

  it('may be cancelled there: what was booked comes back, and is free again', async () => {
    const payment = await desk.paid('pm_card_pendingRefund');
    await desk.refund(payment);
    const pending = await desk.onlyRefundOf(payment);
    const { providerRefundId, amount, currency } = pending;
    const now = new Date();
    const call = { op: 'refunds.retrieve', key: null, startedAt: now, endedAt: now, requestId: null };
    const object = { providerRefundId, providerPaymentId: payment.providerPaymentId, amount, currency };

    const ended = await desk.shop.refunding.settlement.settle(pending, { call, status: 'cancelled', ...object });

    expect(ended).toMatchObject({ status: 'cancelled', isBooked: false, nextCheckAt: null });

    expect(await desk.reservedIn(payment)).toBe(0);
    expect(await desk.eventsOf(pending)).toEqual(['submitted', 'pending', 'reversed']);
  });
});

describe('without its guards (control)', () => {
  let broken: RefundDesk;

  beforeEach(async () => {
    broken = await RefundDesk.open();
  });

  afterEach(() => broken.shop.close());

  it('a fresh provider key per attempt gives the money back twice', async () => {
    await tampering.freshRefundKeyPerAttempt(broken.shop.db);
    const { payment, refund } = await aLostRefund('dropReply', broken);

    await broken.recovered(refund);

    const given = await broken.done(payment);
    expect(given).toEqual([`refunded ${PART}`, `refunded ${PART}`]);
  });

  it('a lost answer taken for a refusal leaves money that went back out of the books', async () => {
    await tampering.unknownRefundIsFailed(broken.shop.db);
    const payment = await broken.paid();
    await broken.silence();
    expect(await broken.refund(payment, { amount: PRICE })).toMatchObject({ status: 409 });
    expect(await broken.reservedIn(payment)).toBe(0);
    await broken.shop.rig.arm();

    // Only the provider knows, and it refuses.
    expect(await broken.refund(payment, { amount: PRICE })).toMatchObject({ body: { reason: expect.any(String) } });
    const given = await broken.done(payment);
    expect(given).toEqual([`refunded ${PRICE}`]);
    expect(await broken.refundsOf(payment)).toMatchObject([{ isBooked: false }, { isBooked: false }]);
  });
});
