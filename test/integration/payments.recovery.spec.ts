import { waitUntil } from '../support/wait.js';
import * as books from './payments.books.js';
import { PaymentDesk, PRICE } from './payments.support.js';

jest.setTimeout(60_000);

const TWICE = 2;
/** Every try of the next call, and its one retry, is answered by nobody. */
const lost = (op: string) => ({ op: `payment_intents.${op}`, effect: 'dropReply', times: TWICE }) as const;
/** Answers nothing until it is armed otherwise. */
const out = (op: string) => ({ op: `payment_intents.${op}`, effect: 'status', status: 503 }) as const;

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
  shop.alarms.raised.length = 0;
});

async function aLostAnswer() {
  await shop.rig.arm(lost('create'));
  const paid = await shop.pay();
  expect([paid.reply.status, paid.payment.status, paid.payment.providerPaymentId]).toEqual([202, 'unknown', null]);
  return paid;
}

/** Submitted once, and no reply; nothing was done. */
async function aLostRequest() {
  await shop.rig.arm({ op: 'payment_intents.create', effect: 'reset', times: TWICE });
  const { payment } = await shop.pay();
  expect(payment.status).toBe('unknown');
  return payment;
}

describe('a payment whose answer was lost', () => {
  it('is submitted again under its own key while it is young, and the provider repeats itself', async () => {
    const { payment, reply, order } = await aLostAnswer();
    expect(await shop.done(payment)).toEqual(['create captured', 'create replayed']);
    await shop.age(payment);

    const settled = await shop.recovered(payment);

    expect(settled).toMatchObject({ status: 'succeeded', capturedAmount: PRICE, lastError: null, nextCheckAt: null });
    expect(await shop.done(payment)).toEqual(['create captured', 'create replayed', 'create replayed']);
    const keys = (await shop.rig.journal()).filter(({ metadata }) => metadata['payment_id'] === payment.id);
    expect(new Set(keys.map(({ idempotencyKey }) => idempotencyKey))).toEqual(new Set([`purser-${payment.id}`]));
    expect(await books.orderStatus(shop.db, order.id)).toBe('completed');
    expect(reply.body).toMatchObject({ id: payment.id, status: 'unknown' });
    expect(await books.answersOf(shop.db, payment.id)).toEqual([expect.stringMatching(/^201 .*"succeeded"/)]);
  });

  it('is submitted for the first time when the process died before the call', async () => {
    const payment = await shop.open();
    await shop.age(payment);

    expect(await shop.recovered(payment)).toMatchObject({ status: 'succeeded' });
    expect(await shop.done(payment)).toEqual(['create captured']);
  });

  it('is not looked at before its time, and by one worker at a time', async () => {
    const payment = await aLostRequest();
    await shop.db.query(`UPDATE payments SET next_check_at = now() + interval '10 s' WHERE id = $1`, [payment.id]);
    expect((await shop.recovered(payment)).checks).toBe(0);

    await shop.age(payment);
    await Promise.all([shop.recovery.recoverDue(), shop.recovery.recoverDue(), shop.recovery.recoverDue()]);

    expect(await shop.done(payment)).toEqual(['create captured']);
  });

  it('is never submitted again when it is older than ten minutes: the list finds it', async () => {
    const { payment } = await aLostAnswer();
    await shop.age(payment, { first: '11 minutes', last: '2 minutes' });

    expect(await shop.recovered(payment)).toMatchObject({ status: 'succeeded', capturedAmount: PRICE });
    expect(await shop.done(payment)).toEqual(['create captured', 'create replayed']);
  });

  it('is found behind a full page of younger ones', async () => {
    const { payment } = await aLostAnswer();
    await shop.rig.arm();
    const stripe = shop.rig.stripe();
    const others = Array.from({ length: 105 }, () => stripe.paymentIntents.create({ amount: 100, currency: 'usd' }));
    await Promise.all(others);
    await shop.age(payment, { first: '11 minutes', last: '2 minutes' });

    expect(await shop.recovered(payment)).toMatchObject({ status: 'succeeded' });
  });

  it('has failed when the complete list does not know it, and says so', async () => {
    const payment = await aLostRequest();
    await shop.age(payment, { first: '11 minutes', last: '2 minutes' });

    const failed = await shop.recovered(payment);

    expect(failed).toMatchObject({ status: 'failed', capturedAmount: 0, lastError: { kind: 'absent' } });
    expect(await books.answersOf(shop.db, payment.id)).toEqual([expect.stringContaining('402 ')]);
    expect(shop.alarms.raised).toEqual([]);
    expect((await shop.pay({}, { order: await again(payment) })).payment.status).toBe('succeeded');
  });

  it('waits for a list that is begun a minute after the last submission', async () => {
    const payment = await aLostRequest();
    await shop.age(payment, { first: '11 minutes', last: '50 seconds' });

    expect((await shop.recovered(payment)).status).toBe('unknown');
  });

  it('stays unknown when the list does not answer', async () => {
    const payment = await aLostRequest();
    await shop.rig.arm(out('list'));
    await shop.age(payment, { first: '11 minutes', last: '2 minutes' });

    expect((await shop.recovered(payment)).status).toBe('unknown');
    expect(shop.alarms.raised).toEqual([]);
  });

  it('stays unknown when the list breaks off after its first page', async () => {
    const payment = await aLostRequest();
    await shop.rig.arm({ op: 'payment_intents.list', effect: 'delay', ms: 30_000 });
    await shop.age(payment, { first: '11 minutes', last: '2 minutes' });

    const recovering = shop.recovered(payment);
    await waitUntil(() => shop.isRigHolding(), { what: 'the first page to be asked for' });
    await shop.rig.arm(out('list'));

    expect((await recovering).status).toBe('unknown');
  });

  it('is for an operator when nobody could tell for 23 hours', async () => {
    const payment = await aLostRequest();
    await shop.rig.arm(out('list'));
    await shop.age(payment, { first: '23 hours 1 minute', last: '23 hours' });

    expect(await shop.recovered(payment)).toMatchObject({ status: 'needs_review', nextCheckAt: null });
    expect(await books.reviewsOf(shop.db, payment.id)).toEqual(['provider-did-not-answer']);
    expect(shop.alarms.raised).toEqual(['payment-needs-review']);
    const second = shop.pay({}, { order: await again(payment) });
    await expect(second).rejects.toMatchObject({ problem: { code: 'payment-in-progress' } });
  });

  async function again({ orderId, userId }: { orderId: string; userId: string }) {
    const user = { id: userId, email: '', roles: [], sessionId: '' };
    return { id: orderId, user };
  }
});

describe('a payment that waits for its customer', () => {
  const card = { paymentMethodId: 'pm_card_authenticationRequired' };

  it('is left alone in time, and cancelled at the provider after it', async () => {
    const { payment } = await shop.pay(card);
    expect(payment).toMatchObject({ status: 'requires_action', nextAction: { type: 'redirect' } });
    await shop.age(payment);
    expect((await shop.recovered(payment)).status).toBe('requires_action');

    await shop.age(payment, { action: '31 minutes' });

    expect(await shop.recovered(payment)).toMatchObject({ status: 'cancelled', nextCheckAt: null, nextAction: null });
    expect(await shop.atProvider(payment)).toBe('canceled');
    expect(await books.orderStatus(shop.db, payment.orderId)).toBe('pending');
  });

  it('is paid when the customer was faster than the clock', async () => {
    const { payment } = await shop.pay(card);
    await shop.rig.door('POST', `/_sandbox/payment-intents/${payment.providerPaymentId}/authenticate`, {
      succeed: true,
    });
    await shop.age(payment, { action: '31 minutes' });

    expect(await shop.recovered(payment)).toMatchObject({ status: 'succeeded', capturedAmount: PRICE });
    expect(await books.orderStatus(shop.db, payment.orderId)).toBe('completed');
  });

  it('is tried again when the provider did not cancel', async () => {
    const { payment } = await shop.pay(card);
    await shop.rig.arm(out('cancel'));
    await shop.age(payment, { action: '31 minutes' });
    expect((await shop.recovered(payment)).status).toBe('requires_action');

    await shop.rig.arm();
    await shop.age(payment);
    expect((await shop.recovered(payment)).status).toBe('cancelled');
  });
});

describe('a reserved amount', () => {
  it('is asked about once an hour, not once a minute', async () => {
    const { payment } = await shop.pay({ captureMethod: 'manual' });
    expect(payment.status).toBe('authorized');
    for (let hour = 0; hour < 3; hour += 1) {
      await shop.age(payment);
      const { nextCheckAt } = await shop.recovered(payment);
      expect((nextCheckAt?.getTime() ?? 0) - Date.now()).toBeGreaterThan(40 * 60_000);
    }
  });

  it('is still reserved when the provider does not answer on its second day', async () => {
    const { payment } = await shop.pay({ captureMethod: 'manual' });
    await shop.rig.arm(out('retrieve'));
    await shop.age(payment, { first: '25 hours' });

    expect((await shop.recovered(payment)).status).toBe('authorized');
    expect(await books.reviewsOf(shop.db, payment.id)).toEqual([]);
  });

  it('is cancelled here when it lapsed there', async () => {
    const { payment } = await shop.pay({ captureMethod: 'manual' });
    await shop.rig.door('POST', '/_sandbox/clock', { advanceMs: 8 * 86_400_000 });
    await shop.age(payment);

    expect(await shop.recovered(payment)).toMatchObject({ status: 'cancelled', capturedAmount: 0 });
    expect(await books.orderStatus(shop.db, payment.orderId)).toBe('pending');
    expect(await books.bookedFor(shop.db, payment.id)).toEqual([]);
  });
});
