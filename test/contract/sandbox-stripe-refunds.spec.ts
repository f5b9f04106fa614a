import type Stripe from 'stripe';
import { Rig, aPayment, idOf, refusalOf, until } from './sandbox.fixture.js';

describe('the sandbox, as Stripe gives money back', () => {
  let rig: Rig;
  let stripe: Stripe;

  beforeAll(async () => {
    rig = await Rig.start();
    stripe = rig.stripe();
  });
  afterAll(() => rig.close());

  async function paidWith(payment_method = 'pm_card_visa'): Promise<Stripe.PaymentIntent> {
    return stripe.paymentIntents.create(aPayment({ payment_method }));
  }

  it('gives back in parts, and never more than was taken', async () => {
    const { id: payment_intent } = await paidWith();
    const part = await stripe.refunds.create({ payment_intent, amount: 1_000, metadata: { refund_id: 'r-1' } });
    expect(part).toMatchObject({ status: 'succeeded', amount: 1_000, metadata: { refund_id: 'r-1' } });
    const over = await refusalOf(stripe.refunds.create({ payment_intent, amount: 1_501 }));
    expect(over).toMatchObject({ statusCode: 400, param: 'amount' });
    expect(over.message).toContain('(€15.01) is greater than unrefunded amount on charge (€15.00)');
    expect(await stripe.refunds.create({ payment_intent })).toMatchObject({ amount: 1_500 });
    const again = await refusalOf(stripe.refunds.create({ payment_intent }));
    expect(again).toMatchObject({ code: 'charge_already_refunded' });
    const refunds = await stripe.refunds.list({ payment_intent });
    expect(refunds.data.map(({ amount }) => amount)).toEqual([1_500, 1_000]);
    const entries = (await rig.journal()).filter(({ outcome }) => outcome === 'refunded');
    expect(entries.slice(-2)).toMatchObject([
      { op: 'refunds.create', object: part.id, amount: 1_000, currency: 'EUR', metadata: { refund_id: 'r-1' } },
      { op: 'refunds.create', amount: 1_500 },
    ]);
  });

  it('gives nothing back where nothing was captured', async () => {
    const held = await stripe.paymentIntents.create(aPayment({ capture_method: 'manual' }));
    const error = await refusalOf(stripe.refunds.create({ payment_intent: held.id }));
    expect(error.message).toContain('does not have a successful charge to refund');
    const nobody = await refusalOf(stripe.refunds.create({ payment_intent: 'pi_3nobody' }));
    expect(nobody).toMatchObject({ statusCode: 400, code: 'resource_missing', param: 'payment_intent' });
    expect(await refusalOf(stripe.refunds.create({}))).toMatchObject({ code: 'parameter_missing' });
  });

  it('fails a refund after it had succeeded, and the money may be given back again', async () => {
    const { id: payment_intent } = await paidWith('pm_card_refundFail');
    const { id, status } = await stripe.refunds.create({ payment_intent });
    expect(status).toBe('succeeded');
    const failed = await until(
      () => stripe.refunds.retrieve(id),
      (refund) => refund.status === 'failed',
    );
    expect(failed).toMatchObject({ failure_reason: 'expired_or_canceled_card' });
    expect((await rig.journal()).filter(({ object }) => object === id).map(({ outcome }) => outcome)).toEqual(
      expect.arrayContaining(['refunded', 'refund_failed']),
    );
    const types = (await stripe.events.list({ types: ['refund.failed', 'charge.refund.updated'] })).data;
    expect(types.map(({ type }) => type)).toEqual(['charge.refund.updated', 'refund.failed']);
    expect(await stripe.refunds.create({ payment_intent, amount: 2_500 })).toMatchObject({ amount: 2_500 });
  });

  it('keeps a refund pending until it ends, or until it is cancelled', async () => {
    const first = await stripe.refunds.create({ payment_intent: (await paidWith('pm_card_pendingRefund')).id });
    expect(first.status).toBe('pending');
    await until(
      () => stripe.refunds.retrieve(first.id),
      ({ status }) => status === 'succeeded',
    );
    const second = await stripe.refunds.create({ payment_intent: (await paidWith('pm_card_pendingRefund')).id });
    expect(await stripe.refunds.cancel(second.id)).toMatchObject({ status: 'canceled' });
    expect((await rig.journal()).at(-1)).toMatchObject({ op: 'refunds.cancel', outcome: 'refund_failed' });
  });

  it('lets somebody refund in the dashboard', async () => {
    const { id: payment_intent, latest_charge } = await paidWith();
    await rig.door('POST', `/_sandbox/charges/${idOf(latest_charge)}/refund`, { amount: 700 });
    expect((await stripe.refunds.list({ payment_intent })).data).toMatchObject([{ amount: 700, metadata: {} }]);
    expect((await rig.journal()).at(-2)).toMatchObject({ op: 'charges.refund', outcome: 'refunded', amount: 700 });
  });

  it.each([
    { name: 'pm_card_createDispute', reason: 'fraudulent', status: 'needs_response', moved: 2_500 },
    {
      name: 'pm_card_createDisputeProductNotReceived',
      reason: 'product_not_received',
      status: 'needs_response',
      moved: 2_500,
    },
    { name: 'pm_card_createDisputeInquiry', reason: 'fraudulent', status: 'warning_needs_response', moved: 0 },
  ])('disputes $name: $reason, $status', async ({ name, reason, status, moved }) => {
    const intent = await paidWith(name);
    const [dispute] = await until(
      async () => (await stripe.disputes.list({ payment_intent: intent.id })).data,
      (disputes) => disputes.length > 0,
    );
    expect(dispute).toMatchObject({ reason, status, amount: 2_500, charge: intent.latest_charge });
    expect(dispute?.balance_transactions.map(({ amount }) => amount)).toEqual(moved === 0 ? [] : [-moved]);
    expect(await stripe.charges.retrieve(idOf(intent.latest_charge))).toMatchObject({ disputed: true });
    const entry = (await rig.journal()).find(({ object }) => object === dispute?.id);
    expect(entry).toMatchObject({ op: 'charges.dispute', outcome: 'disputed', amount: moved, currency: 'EUR' });
  });

  it('disputes by its own door, refuses refunds meanwhile, and decides by the evidence', async () => {
    const { id: payment_intent, latest_charge } = await paidWith();
    const { id } = await rig.door<{ id: string }>('POST', `/_sandbox/charges/${idOf(latest_charge)}/dispute`);
    expect(await refusalOf(stripe.refunds.create({ payment_intent }))).toMatchObject({ code: 'charge_disputed' });
    const won = await stripe.disputes.update(id, { evidence: { uncategorized_text: 'winning_evidence' } });
    expect(won.status).toBe('won');
    expect(won.balance_transactions.map(({ amount }) => amount)).toEqual([-2_500, 2_500]);
    expect(await stripe.refunds.create({ payment_intent })).toMatchObject({ status: 'succeeded' });
  });
});
