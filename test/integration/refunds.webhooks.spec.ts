import type { Payment } from '../../src/domains/payments/payment.entity.js';
import { newId } from '../../src/shared/ids.js';
import { stripeSignature } from '../support/webhook-signature.js';
import * as books from './payments.books.js';
import { PRICE, WEBHOOK_SECRET } from './payments.support.js';
import { RefundDesk } from './refunds.support.js';

jest.setTimeout(60_000);

const PART = 1_900;

let desk: RefundDesk;

beforeAll(async () => {
  desk = await RefundDesk.open({ WEBHOOK_ORPHAN_AFTER_MS: '1' });
});

afterAll(async () => {
  await desk?.shop.close();
});

beforeEach(async () => {
  await desk.shop.rig.arm();
  await desk.shop.db.query(`DELETE FROM event_deliveries`);
  desk.shop.alarms.raised.length = 0;
});

/** A signed hint about an object; nothing else in it is true. */
async function hint(type: string, id: string): Promise<void> {
  const data = { object: { id, amount: 1, status: 'succeeded' } };
  const text = JSON.stringify({ id: `evt_${newId()}`, object: 'event', type, data });
  const signature = stripeSignature(text, { secret: WEBHOOK_SECRET });
  await desk.shop.webhooks.receive(Buffer.from(text), signature);
  await desk.shop.hear('webhooks');
}

/** Somebody gives money back in the provider's dashboard; the refund's id there. */
async function inDashboard(payment: Payment, amount?: number): Promise<string> {
  await desk.shop.rig.door('POST', `/_sandbox/charges/${payment.stripeChargeId}/refund`, { amount });
  const { data } = await desk.shop.rig.stripe().refunds.list({ payment_intent: payment.providerPaymentId ?? '' });
  return data[0]?.id ?? '';
}

describe('a refund of ours', () => {
  it.each(['refund.created', 'refund.updated', 'charge.refund.updated'])(
    'is settled by a hint, before recovery asks: %s',
    async (type) => {
      const payment = await desk.paid();
      await desk.silence();
      await desk.refund(payment, { amount: PART });
      const { data } = await desk.shop.rig.stripe().refunds.list({ payment_intent: payment.providerPaymentId ?? '' });

      await hint(type, data[0]?.id ?? '');

      expect(await desk.onlyRefundOf(payment)).toMatchObject({ status: 'succeeded', isBooked: true });
    },
  );

  it('is found by a hint about its charge, too, and a second hint changes nothing', async () => {
    const payment = await desk.paid();
    await desk.silence();
    await desk.refund(payment, { amount: PART });

    await hint('charge.refunded', payment.stripeChargeId ?? '');
    await hint('charge.refunded', payment.stripeChargeId ?? '');

    const refund = await desk.onlyRefundOf(payment);
    expect(await desk.eventsOf(refund)).toEqual(['submitted', 'unknown', 'succeeded']);
  });

  it('that the bank sends back is booked back, can go out again, and calls an operator', async () => {
    const payment = await desk.paid('pm_card_refundFail');
    expect(await desk.refund(payment)).toMatchObject({ status: 201, body: { status: 'succeeded' } });
    const { id, providerRefundId } = await desk.onlyRefundOf(payment);
    const stripe = desk.shop.rig.stripe();
    await desk.until(async () => (await stripe.refunds.retrieve(providerRefundId ?? '')).status === 'failed');

    await hint('refund.failed', providerRefundId ?? '');
    await hint('charge.refund.updated', providerRefundId ?? '');

    expect(await desk.onlyRefundOf(payment)).toMatchObject({ status: 'failed', isBooked: false });
    expect(await desk.eventsOf({ id })).toEqual(['submitted', 'succeeded', 'reversed']);
    expect((await books.bookedFor(desk.shop.db, id)).sort()).toEqual(
      [`provider:stripe ${PRICE}`, `provider:stripe -${PRICE}`, `refunds ${PRICE}`, `refunds -${PRICE}`].sort(),
    );
    expect(await desk.reservedIn(payment)).toBe(0);
    expect(await books.reviewsOf(desk.shop.db, payment.id)).toEqual(['refund-reversed']);
    expect(desk.shop.alarms.raised).toEqual(['payment-review-opened']);
    expect(await desk.refund(payment, { amount: PART })).toMatchObject({ status: 201 });
  });
});

describe('a refund made in the dashboard', () => {
  it('is taken into the books when it fits, once, and told of', async () => {
    const payment = await desk.paid();
    const id = await inDashboard(payment, PART);

    await Promise.all([
      desk.shop.refunding.lookup.settleRefund(id),
      desk.shop.refunding.lookup.settleRefund(id),
      desk.shop.refunding.lookup.settleCharge(payment.stripeChargeId ?? ''),
    ]);

    const refund = await desk.onlyRefundOf(payment);
    expect(refund).toMatchObject({ status: 'succeeded', amount: PART, requestedBy: null, providerRefundId: id });
    expect(refund.reason).toBe('made-at-the-provider');
    expect(await desk.eventsOf(refund)).toEqual(['succeeded']);
    expect(await books.bookedFor(desk.shop.db, refund.id)).toEqual([`provider:stripe -${PART}`, `refunds ${PART}`]);
    expect(await desk.reservedIn(payment)).toBe(PART);
    expect(await books.reviewsOf(desk.shop.db, payment.id)).toEqual([]);
  });

  it('leaves so much less for support', async () => {
    const payment = await desk.paid();
    await hint('refund.created', await inDashboard(payment, PRICE - PART));

    expect(await desk.refund(payment)).toMatchObject({ status: 201, body: { amount: PART } });
  });

  it('is for an operator when it takes what is reserved, and moves nothing', async () => {
    const payment = await desk.paid();
    await desk.opened(payment, { amount: PART });
    const id = await inDashboard(payment);

    await hint('refund.created', id);
    await hint('charge.refunded', payment.stripeChargeId ?? '');

    expect(await desk.onlyRefundOf(payment)).toMatchObject({ status: 'submitting', amount: PART });
    expect(await desk.reservedIn(payment)).toBe(PART);
    expect(await books.reviewsOf(desk.shop.db, payment.id)).toEqual(['refund-overlaps-reservation']);
    expect(desk.shop.alarms.raised).toEqual(['payment-review-opened']);
  });

  it('that names a refund of another payment is for an operator', async () => {
    const [payment, other] = [await desk.paid(), await desk.paid()];
    const { id: refundId } = await desk.opened(other, { amount: PART });
    const { id } = await desk.shop.rig.stripe().refunds.create({
      payment_intent: payment.providerPaymentId ?? '',
      amount: PART,
      metadata: { refund_id: refundId },
    });

    await hint('refund.created', id);

    expect(await desk.onlyRefundOf(other)).toMatchObject({ status: 'submitting' });
    expect(await books.reviewsOf(desk.shop.db, other.id)).toEqual(['refund-differs']);
  });

  it('of a payment that is none of ours is an orphan', async () => {
    const stripe = desk.shop.rig.stripe();
    const intent = { amount: 500, currency: 'usd', payment_method: 'pm_card_visa', confirm: true } as const;
    const { id } = await stripe.paymentIntents.create({ ...intent, return_url: 'https://shop.example' });
    const refund = await stripe.refunds.create({ payment_intent: id });

    await hint('refund.created', refund.id);

    expect(desk.shop.alarms.raised).toEqual(['webhook-orphan']);
  });
});
