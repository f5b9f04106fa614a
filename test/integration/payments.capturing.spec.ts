import { CaptureExceedsAuthorized, PaymentNotCapturable } from '../../src/domains/payments/payment.errors.js';
import type { Payment } from '../../src/domains/payments/payment.entity.js';
import { newId } from '../../src/shared/ids.js';
import { waitUntil } from '../support/wait.js';
import * as books from './payments.books.js';
import { keyed, PaymentDesk, PRICE } from './payments.support.js';

jest.setTimeout(60_000);

const PART = 1_900;
/** Both tries of the next call. */
const TWICE = 2;

let shop: PaymentDesk;

beforeAll(async () => {
  shop = await PaymentDesk.open();
});

afterAll(async () => {
  await shop?.close();
});

beforeEach(async () => {
  await shop.rig.arm();
  await shop.db.query(`UPDATE payments SET next_check_at = NULL`);
});

async function aReservedAmount(): Promise<Payment> {
  const { payment } = await shop.pay({ captureMethod: 'manual' });
  expect(payment).toMatchObject({ status: 'authorized', capturedAmount: 0 });
  return payment;
}

function capture({ id, userId }: Payment, { amount, key = newId() }: { amount?: number; key?: string } = {}) {
  return shop.captures.capture(id, keyed(userId, key, { amount }), amount);
}

/** Nobody hears what became of the capture, nor can ask. */
function silence(effect: 'dropReply' | 'reset') {
  return shop.rig.arm(
    { op: 'payment_intents.capture', effect, times: TWICE },
    { op: 'payment_intents.retrieve', effect: 'reset', times: TWICE },
  );
}

it('takes all of it, books it and completes the order', async () => {
  const payment = await aReservedAmount();

  const reply = await capture(payment);

  expect(reply).toMatchObject({ status: 201, replayed: false, body: { status: 'succeeded', capturedAmount: PRICE } });
  expect(await books.bookedFor(shop.db, payment.id)).toEqual([`provider:stripe ${PRICE}`, `revenue:orders -${PRICE}`]);
  expect(await books.orderStatus(shop.db, payment.orderId)).toBe('completed');
  expect(await shop.done(payment)).toEqual(['create authorized', 'capture captured']);
});

it('takes a part, completes the order with it, and the provider lets go of the rest', async () => {
  const payment = await aReservedAmount();

  await capture(payment, { amount: PART });

  expect(await shop.payments.get(payment.id)).toMatchObject({
    status: 'succeeded',
    amount: PRICE,
    capturedAmount: PART,
  });
  expect(await books.bookedFor(shop.db, payment.id)).toEqual([`provider:stripe ${PART}`, `revenue:orders -${PART}`]);
  expect(await books.orderStatus(shop.db, payment.orderId)).toBe('completed');
  const intent = await shop.rig.stripe().paymentIntents.retrieve(payment.providerPaymentId ?? '');
  expect(intent).toMatchObject({ status: 'succeeded', amount_received: PART, amount_capturable: 0 });
});

it('has committed what it is going to take before it asks, and holds no transaction open meanwhile', async () => {
  const payment = await aReservedAmount();
  await shop.rig.arm({ op: 'payment_intents.capture', effect: 'delay', ms: 20_000 });
  const capturing = capture(payment, { amount: PART });
  await waitUntil(() => shop.isRigHolding(), { what: 'the capture to reach the provider' });

  const meanwhile = await shop.payments.get(payment.id);
  expect(meanwhile).toMatchObject({ status: 'authorized', captureRequest: { amount: PART } });
  expect(await books.eventsOf(shop.db, payment.id)).toEqual(['submitted', 'authorized', 'capture-requested']);
  const idle = await shop.db.query(
    `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'`,
  );
  expect(idle).toEqual([]);

  await shop.rig.arm();
  expect((await capturing).body).toMatchObject({ status: 'succeeded' });
});

it.each(['dropReply', 'reset'] as const)(
  'is recovered, with one capture, when the answer is lost (%s)',
  async (effect) => {
    const payment = await aReservedAmount();
    await silence(effect);
    const key = newId();
    expect(await capture(payment, { amount: PART, key })).toMatchObject({
      status: 202,
      body: { status: 'authorized' },
    });
    expect(await capture(payment, { amount: PART, key })).toMatchObject({ status: 202, replayed: true });

    await shop.age(payment);
    const settled = await shop.recovered(payment);

    expect(settled).toMatchObject({ status: 'succeeded', capturedAmount: PART });
    expect((await shop.done(payment)).filter((entry) => entry === 'capture captured')).toHaveLength(1);
    expect(await capture(payment, { amount: PART, key })).toMatchObject({ status: 201, body: { status: 'succeeded' } });
  },
);

it('is tried again under another key when the provider keeps a broken answer under the first', async () => {
  const payment = await aReservedAmount();
  await shop.rig.arm({ op: 'payment_intents.capture', effect: 'stored500', before: true, times: 1 });
  expect((await capture(payment)).status).toBe(202);
  expect(await shop.atProvider(payment)).toBe('requires_capture');

  await shop.age(payment);

  expect(await shop.recovered(payment)).toMatchObject({ status: 'succeeded', capturedAmount: PRICE });
  expect((await shop.done(payment)).filter((entry) => entry === 'capture captured')).toHaveLength(1);
});

it('is asked for by support until it is known, not once an hour', async () => {
  const payment = await aReservedAmount();
  await silence('reset');
  await capture(payment);
  await shop.rig.arm(
    { op: 'payment_intents.capture', effect: 'status', status: 503 },
    { op: 'payment_intents.retrieve', effect: 'status', status: 503 },
  );
  await shop.age(payment, { first: '25 hours' });

  const { status, nextCheckAt } = await shop.recovered(payment);

  expect(status).toBe('authorized');
  expect((nextCheckAt?.getTime() ?? 0) - Date.now()).toBeLessThan(60_000);
});

it('happens once, however many ask: the same key hears the same, another one hears no', async () => {
  const payment = await aReservedAmount();
  const key = newId();
  const asked = await Promise.allSettled([
    ...Array.from({ length: 5 }, () => capture(payment, { key })),
    ...Array.from({ length: 5 }, () => capture(payment)),
  ]);

  expect((await shop.done(payment)).filter((entry) => entry === 'capture captured')).toHaveLength(1);
  const refused = asked.filter((one) => one.status === 'rejected');
  expect(refused.length).toBeGreaterThanOrEqual(4);
  for (const { reason } of refused) expect(reason).toBeInstanceOf(PaymentNotCapturable);
  expect(await books.bookedFor(shop.db, payment.id)).toHaveLength(2);
});

it('is refused when it was captured before, and nothing changes', async () => {
  const payment = await aReservedAmount();
  await capture(payment);
  const before = await books.endOf(shop.db, payment.id);

  await expect(capture(payment)).rejects.toMatchObject({
    problem: { code: 'payment-not-capturable', kind: 'conflict' },
    extensions: { paymentStatus: 'succeeded' },
  });
  expect(await books.endOf(shop.db, payment.id)).toBe(before);
});

it('is refused for more than is reserved, nobody is asked, and the key is free again', async () => {
  const payment = await aReservedAmount();
  const key = newId();

  await expect(capture(payment, { amount: PRICE + 1, key })).rejects.toBeInstanceOf(CaptureExceedsAuthorized);

  expect(await shop.payments.get(payment.id)).toMatchObject({ status: 'authorized', captureRequest: null });
  expect(await shop.done(payment)).toEqual(['create authorized']);
  expect(await capture(payment, { amount: PRICE, key })).toMatchObject({ status: 201, replayed: false });
});

it('and its own cancelling end as one of the two', async () => {
  for (let round = 0; round < 5; round += 1) {
    const payment = await aReservedAmount();
    await Promise.allSettled([capture(payment), shop.cancellation.cancel(payment)]);
    await shop.age(payment);
    const { status, capturedAmount } = await shop.recovered(payment);
    const there = await shop.atProvider(payment);
    expect([`${status} ${capturedAmount} ${there}`]).toEqual([
      expect.stringMatching(new RegExp(`^(succeeded ${PRICE} succeeded|cancelled 0 canceled)$`)),
    ]);
  }
});

it('is refused when the provider had let go of the amount: the payment ends, its order may be paid again', async () => {
  const payment = await aReservedAmount();
  const key = newId();
  await shop.rig.door('POST', '/_sandbox/clock', { advanceMs: 8 * 86_400_000 });

  await expect(capture(payment, { key })).rejects.toMatchObject({ extensions: { paymentStatus: 'cancelled' } });
  await expect(capture(payment, { key })).rejects.toBeInstanceOf(PaymentNotCapturable);

  expect(await shop.payments.get(payment.id)).toMatchObject({ status: 'cancelled', capturedAmount: 0 });
  expect(await books.orderStatus(shop.db, payment.orderId)).toBe('pending');
  expect(await books.bookedFor(shop.db, payment.id)).toEqual([]);
});
