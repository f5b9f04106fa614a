import { PaymentNotRefundable, RefundExceedsCaptured } from '../../src/domains/payments/refunds/refund.errors.js';
import { IdempotencyKeyReused } from '../../src/platform/database/idempotency.js';
import { newId } from '../../src/shared/ids.js';
import { waitUntil } from '../support/wait.js';
import * as books from './payments.books.js';
import { PRICE } from './payments.support.js';
import { RefundDesk } from './refunds.support.js';

jest.setTimeout(60_000);

const PART = 1_900;

let desk: RefundDesk;

beforeAll(async () => {
  desk = await RefundDesk.open();
});

afterAll(async () => {
  await desk?.shop.close();
});

beforeEach(async () => {
  await desk.shop.rig.arm();
  desk.shop.alarms.raised.length = 0;
});

it('gives all of it back, books it, and tells of it once', async () => {
  const payment = await desk.paid();

  const reply = await desk.refund(payment);

  expect(reply).toMatchObject({ status: 201, replayed: false, body: { status: 'succeeded', amount: PRICE } });
  const refund = await desk.onlyRefundOf(payment);
  expect(refund).toMatchObject({ status: 'succeeded', isBooked: true, requestedBy: desk.supportId, nextCheckAt: null });
  expect(await books.bookedFor(desk.shop.db, refund.id)).toEqual([`provider:stripe -${PRICE}`, `refunds ${PRICE}`]);
  expect(await desk.eventsOf(refund)).toEqual(['submitted', 'succeeded']);
  expect(await desk.done(payment)).toEqual([`refunded ${PRICE}`]);
  expect(await desk.shop.payments.get(payment.id)).toMatchObject({ status: 'succeeded', refundedAmount: PRICE });
  expect(await books.orderStatus(desk.shop.db, payment.orderId)).toBe('completed');
});

it('gives back in parts until nothing is left, and never more', async () => {
  const payment = await desk.paid();
  await desk.refund(payment, { amount: PART });
  await desk.refund(payment, { amount: PART });

  await expect(desk.refund(payment, { amount: PART })).rejects.toMatchObject({
    problem: { code: 'refund-exceeds-captured', kind: 'conflict' },
    extensions: { asked: PART, left: PRICE - 2 * PART },
  });
  expect(await desk.refund(payment)).toMatchObject({ body: { amount: PRICE - 2 * PART } });
  await expect(desk.refund(payment)).rejects.toBeInstanceOf(RefundExceedsCaptured);

  expect(await desk.done(payment)).toHaveLength(3);
  expect(await desk.reservedIn(payment)).toBe(PRICE);
});

it('gives back no more than the part that was captured', async () => {
  const { payment } = await desk.shop.pay({ captureMethod: 'manual' });
  await expect(desk.refund(payment)).rejects.toBeInstanceOf(PaymentNotRefundable);
  const request = { userId: payment.userId, endpoint: 'POST /v1/test', key: newId(), requestHash: 'x' };
  await desk.shop.captures.capture(payment.id, request, PART);

  await expect(desk.refund(payment, { amount: PART + 1 })).rejects.toBeInstanceOf(RefundExceedsCaptured);
  expect(await desk.refund(payment)).toMatchObject({ status: 201, body: { amount: PART } });
});

it.each([
  ['was declined', 'pm_card_chargeDeclined', 'failed'],
  ['waits for its customer', 'pm_card_authenticationRequired', 'requires_action'],
])('is refused for a payment that %s, and nobody is asked', async (_, card, status) => {
  const payment = await desk.paid(card);
  const before = (await desk.shop.rig.journal()).length;

  await expect(desk.refund(payment)).rejects.toMatchObject({
    problem: { code: 'payment-not-refundable' },
    extensions: { paymentStatus: status },
  });
  expect(await desk.refundsOf(payment)).toEqual([]);
  expect(await desk.shop.rig.journal()).toHaveLength(before);
});

it('has committed and reserved what it gives back before it asks, and holds no transaction open meanwhile', async () => {
  const payment = await desk.paid();
  await desk.shop.rig.arm({ op: 'refunds.create', effect: 'delay', ms: 20_000 });
  const refunding = desk.refund(payment, { amount: PART });
  await waitUntil(() => desk.shop.isRigHolding(), { what: 'the refund to reach the provider' });

  expect(await desk.onlyRefundOf(payment)).toMatchObject({ status: 'submitting', amount: PART, isBooked: false });
  expect(await desk.reservedIn(payment)).toBe(PART);
  const idle = await desk.shop.db.query(
    `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'`,
  );
  expect(idle).toEqual([]);
  await expect(desk.refund(payment, { amount: PRICE })).rejects.toBeInstanceOf(RefundExceedsCaptured);

  await desk.shop.rig.arm();
  expect(await refunding).toMatchObject({ status: 201 });
});

describe('one key', () => {
  it('is answered the same however often it comes, and gives back once', async () => {
    const payment = await desk.paid();
    const key = newId();
    const replies = await Promise.all(Array.from({ length: 10 }, () => desk.refund(payment, { amount: PART, key })));

    const final = await desk.refund(payment, { amount: PART, key });

    expect(final).toMatchObject({ status: 201, replayed: true, body: { status: 'succeeded' } });
    expect(replies.filter(({ status }) => status !== 201 && status !== 202)).toEqual([]);
    expect(await desk.done(payment)).toEqual([`refunded ${PART}`]);
    expect(await desk.reservedIn(payment)).toBe(PART);
  });

  it('still answers when nothing is left', async () => {
    const payment = await desk.paid();
    const key = newId();
    const first = await desk.refund(payment, { key });

    expect(await desk.refund(payment, { key })).toEqual({ ...first, replayed: true });
  });

  it('stands for no other amount', async () => {
    const payment = await desk.paid();
    const key = newId();
    await desk.refund(payment, { amount: PART, key });

    await expect(desk.refund(payment, { amount: PART + 1, key })).rejects.toBeInstanceOf(IdempotencyKeyReused);
    expect(await desk.done(payment)).toEqual([`refunded ${PART}`]);
  });

  it('is free again after a refusal that changed nothing', async () => {
    const payment = await desk.paid();
    const key = newId();
    await expect(desk.refund(payment, { amount: PRICE + 1, key })).rejects.toBeInstanceOf(RefundExceedsCaptured);

    expect(await desk.refund(payment, { amount: PRICE, key })).toMatchObject({ status: 201, replayed: false });
  });
});

describe('what the provider refuses', () => {
  it('releases what was reserved, says why, and may be asked for again', async () => {
    const payment = await desk.paid();
    await desk.shop.rig.door('POST', `/_sandbox/charges/${payment.stripeChargeId}/dispute`);
    const key = newId();

    const reply = await desk.refund(payment, { amount: PART, key });

    expect(reply).toMatchObject({ status: 409, body: { code: 'refund-refused', reason: 'charge_disputed' } });
    const refund = await desk.onlyRefundOf(payment);
    expect(refund).toMatchObject({ status: 'failed', isBooked: false, nextCheckAt: null });
    expect(await desk.eventsOf(refund)).toEqual(['submitted', 'failed']);
    expect(await desk.reservedIn(payment)).toBe(0);
    expect(await books.bookedFor(desk.shop.db, refund.id)).toEqual([]);
    expect(await desk.refund(payment, { amount: PART, key })).toEqual({ ...reply, replayed: true });
    // Support was told, so no operator is.
    expect(await books.reviewsOf(desk.shop.db, payment.id)).toEqual([]);
  });
});

describe('a transfer or cash', () => {
  it.each([
    ['bank_transfer', 'bank'],
    ['cash_on_delivery', 'cash'],
  ] as const)('is given back when support records it: %s', async (paymentMethod, account) => {
    const { payment } = await desk.shop.pay({ paymentMethod, paymentMethodId: undefined });
    const request = { userId: payment.userId, endpoint: 'POST /v1/test', key: newId(), requestHash: 'x' };
    await desk.shop.confirmation.confirm(payment.id, request, { reference: newId(), receivedAmount: PRICE });

    expect(await desk.refund(payment, { amount: PART })).toMatchObject({ status: 201, body: { status: 'succeeded' } });

    const refund = await desk.onlyRefundOf(payment);
    expect(refund).toMatchObject({ providerRefundId: null, isBooked: true });
    expect(await books.bookedFor(desk.shop.db, refund.id)).toEqual([`${account} -${PART}`, `refunds ${PART}`]);
    expect(await desk.reservedIn(payment)).toBe(PART);
  });

  it('is finished by recovery when the process died after it was recorded, however long ago', async () => {
    const { payment } = await desk.shop.pay({ paymentMethod: 'bank_transfer', paymentMethodId: undefined });
    const request = { userId: payment.userId, endpoint: 'POST /v1/test', key: newId(), requestHash: 'x' };
    await desk.shop.confirmation.confirm(payment.id, request, { reference: newId(), receivedAmount: PRICE });
    const refund = await desk.opened(payment, { amount: PART });

    expect(await desk.recovered(refund, { first: '2 days' })).toMatchObject({ status: 'succeeded', isBooked: true });
  });
});
