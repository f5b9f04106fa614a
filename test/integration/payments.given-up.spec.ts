import type Stripe from 'stripe';
import type { Payment } from '../../src/domains/payments/payment.entity.js';
import * as books from './payments.books.js';
import { PaymentDesk, PRICE } from './payments.support.js';

jest.setTimeout(60_000);

let shop: PaymentDesk;

beforeAll(async () => {
  shop = await PaymentDesk.open();
});

afterAll(async () => {
  await shop?.close();
});

beforeEach(async () => {
  await shop.rig.arm();
  await shop.db.query(`DELETE FROM event_deliveries`);
  shop.alarms.raised.length = 0;
});

/** Given up here, because the provider's complete list did not know it. */
async function aForgottenPayment(command: { captureMethod?: 'manual' } = {}) {
  const order = await shop.order();
  const { id } = await shop.open(command, order);
  await shop.age({ id }, { first: '11 minutes' });
  const payment = await shop.recovered({ id });
  expect(payment).toMatchObject({ status: 'failed', providerPaymentId: null });
  return { order, payment };
}

/** The request we gave up arrives at the provider after all. */
function arrivesLate({ id, orderId }: Payment, changes: Partial<Stripe.PaymentIntentCreateParams> = {}) {
  const { confirm = true, ...others } = changes;
  return shop.rig.stripe().paymentIntents.create({
    amount: PRICE,
    currency: 'usd',
    payment_method: 'pm_card_visa',
    ...(confirm ? { confirm, return_url: 'https://shop.example/back' } : {}),
    metadata: { payment_id: id, order_id: orderId },
    ...others,
  });
}

describe('a late success', () => {
  it('completes an order that still waits', async () => {
    const { order, payment } = await aForgottenPayment();
    const intent = await arrivesLate(payment);

    await shop.intents.settleIntent(intent.id);

    expect(await shop.payments.get(payment.id)).toMatchObject({ status: 'succeeded', refundedAmount: 0 });
    expect(await books.orderStatus(shop.db, order.id)).toBe('completed');
    expect(await books.refundsOf(shop.db, payment.id)).toEqual([]);
  });

  it('is booked and given back when another payment lives: both in one transaction', async () => {
    const { order, payment } = await aForgottenPayment();
    const rival = await shop.open({}, order);
    const intent = await arrivesLate(payment);

    await shop.intents.settleIntent(intent.id);
    await shop.intents.settleIntent(intent.id);

    const late = await shop.payments.get(payment.id);
    expect(late).toMatchObject({ status: 'late_succeeded', capturedAmount: PRICE, refundedAmount: PRICE });
    expect(await books.bookedFor(shop.db, payment.id)).toEqual([
      `provider:stripe ${PRICE}`,
      `revenue:orders -${PRICE}`,
    ]);
    expect(await books.refundsOf(shop.db, payment.id)).toEqual([
      { amount: PRICE, currency: 'USD', reason: 'late-success', status: 'requested' },
    ]);
    expect(await books.orderStatus(shop.db, order.id)).toBe('pending');
    expect((await shop.payments.get(rival.id)).status).toBe('submitting');
    expect(await books.reviewsOf(shop.db, payment.id)).toEqual([]);
  });

  it('is given back when its order was cancelled meanwhile', async () => {
    const { order, payment } = await aForgottenPayment();
    await shop.desk.cancellation.cancel(order.id, order.user.id);
    const intent = await arrivesLate(payment);

    await shop.intents.settleIntent(intent.id);

    expect((await shop.payments.get(payment.id)).status).toBe('late_succeeded');
    expect(await books.refundsOf(shop.db, payment.id)).toHaveLength(1);
    expect(await books.orderStatus(shop.db, order.id)).toBe('cancelled');
  });

  it('of a payment that was live while its order was not calls an operator, too', async () => {
    const payment = await shop.open();
    await shop.db.query(`UPDATE orders SET status = 'cancelled' WHERE id = $1`, [payment.orderId]);
    const intent = await arrivesLate(payment);

    await shop.intents.settleIntent(intent.id);

    expect((await shop.payments.get(payment.id)).status).toBe('late_succeeded');
    expect(await books.reviewsOf(shop.db, payment.id)).toEqual(['captured-for-a-closed-order']);
    expect(shop.alarms.raised).toEqual(['payment-review-opened']);
  });

  it('of another amount is left for an operator, and nothing is booked', async () => {
    const { payment } = await aForgottenPayment();
    const intent = await arrivesLate(payment, { amount: PRICE + 1 });

    await shop.intents.settleIntent(intent.id);

    expect(await shop.payments.get(payment.id)).toMatchObject({ status: 'failed', capturedAmount: 0 });
    expect(await books.reviewsOf(shop.db, payment.id)).toEqual(['amount-differs']);
    expect(shop.alarms.raised).toEqual(['payment-review-opened']);
  });
});

describe('what is given up here is given up at the provider', () => {
  it('a declined card’s intent is cancelled, so that nobody pays it with the client’s secret', async () => {
    const { payment } = await shop.pay({ paymentMethodId: 'pm_card_chargeDeclined' });
    expect(payment.status).toBe('failed');
    expect(await shop.atProvider(payment)).toBe('requires_payment_method');

    expect(await shop.hear('abandoned-intents')).toBe(1);

    expect(await shop.atProvider(payment)).toBe('canceled');
    expect((await shop.payments.get(payment.id)).status).toBe('failed');
    expect(await shop.hear('abandoned-intents')).toBe(0);
  });

  it('is tried again until the provider has cancelled it', async () => {
    const { payment } = await shop.pay({ paymentMethodId: 'pm_card_chargeDeclined' });
    await shop.rig.arm({ op: 'payment_intents.cancel', effect: 'status', status: 503 });
    await shop.hear('abandoned-intents');
    expect(await shop.atProvider(payment)).toBe('requires_payment_method');

    await shop.rig.arm();
    expect(await shop.hear('abandoned-intents')).toBe(1);

    expect(await shop.atProvider(payment)).toBe('canceled');
  });

  it.each([
    ['waits for its customer', { payment_method: 'pm_card_authenticationRequired' }, 'requires_action'],
    ['reserves money', { capture_method: 'manual' }, 'requires_capture'],
    ['can be tried with another card', { confirm: false }, 'requires_confirmation'],
  ] as const)('an object that surfaces and %s is cancelled', async (_, changes, status) => {
    const { payment } = await aForgottenPayment();
    const intent = await arrivesLate(payment, changes);
    expect(intent.status).toBe(status);

    await shop.intents.settleIntent(intent.id);
    expect(await shop.payments.get(payment.id)).toMatchObject({ status: 'failed', providerPaymentId: intent.id });
    expect((await books.eventsOf(shop.db, payment.id)).at(-1)).toBe('surfaced');
    while ((await shop.hear('abandoned-intents')) > 0) continue;

    expect((await shop.rig.stripe().paymentIntents.retrieve(intent.id)).status).toBe('canceled');
    expect(await shop.payments.get(payment.id)).toMatchObject({ status: 'failed', capturedAmount: 0 });
  });

  it('one that surfaces does not multiply while the provider refuses to cancel it', async () => {
    const { payment } = await aForgottenPayment({ captureMethod: 'manual' });
    const intent = await arrivesLate(payment, { capture_method: 'manual' });
    await shop.intents.settleIntent(intent.id);
    await shop.rig.arm({ op: 'payment_intents.cancel', effect: 'status', status: 503 });

    for (let turn = 0; turn < 3; turn += 1) await shop.hear('abandoned-intents');

    const surfaced = (await books.eventsOf(shop.db, payment.id)).filter((name) => name === 'surfaced');
    expect(surfaced).toHaveLength(1);
  });

  it('a late success that slipped in before the cancelling is kept', async () => {
    const { payment } = await shop.pay({ paymentMethodId: 'pm_card_chargeDeclined' });
    const intentId = payment.providerPaymentId ?? '';
    await shop.rig.stripe().paymentIntents.confirm(intentId, { payment_method: 'pm_card_visa' });

    await shop.hear('abandoned-intents');

    expect((await shop.payments.get(payment.id)).status).toBe('succeeded');
    expect(await books.orderStatus(shop.db, payment.orderId)).toBe('completed');
  });
});
