import type Stripe from 'stripe';
import { Rig, aPayment, refusalOf, until } from './sandbox.fixture.js';

const DECLINES: [name: string, code: string, declineCode: string][] = [
  ['pm_card_chargeDeclined', 'card_declined', 'generic_decline'],
  ['pm_card_visa_chargeDeclined', 'card_declined', 'generic_decline'],
  ['pm_card_chargeDeclinedInsufficientFunds', 'card_declined', 'insufficient_funds'],
  ['pm_card_visa_chargeDeclinedInsufficientFunds', 'card_declined', 'insufficient_funds'],
  ['pm_card_visa_chargeDeclinedLostCard', 'card_declined', 'lost_card'],
  ['pm_card_visa_chargeDeclinedStolenCard', 'card_declined', 'stolen_card'],
  ['pm_card_visa_chargeDeclinedVelocityLimitExceeded', 'card_declined', 'card_velocity_exceeded'],
  ['pm_card_chargeDeclinedFraudulent', 'card_declined', 'fraudulent'],
  ['pm_card_radarBlock', 'card_declined', 'fraudulent'],
  ['pm_card_chargeCustomerFail', 'card_declined', 'generic_decline'],
  ['pm_card_chargeDeclinedExpiredCard', 'expired_card', ''],
  ['pm_card_chargeDeclinedIncorrectCvc', 'incorrect_cvc', ''],
  ['pm_card_chargeDeclinedProcessingError', 'processing_error', ''],
];

const QUESTIONS = [
  'pm_card_authenticationRequired',
  'pm_card_authenticationRequiredOnSetup',
  'pm_card_threeDSecure2Required',
  'pm_card_threeDSecureRequired',
];

describe('the sandbox, as Stripe takes a payment', () => {
  let rig: Rig;
  let stripe: Stripe;

  beforeAll(async () => {
    rig = await Rig.start();
    stripe = rig.stripe();
  });
  afterAll(() => rig.close());

  it.each(['pm_card_visa', 'pm_card_visa_debit', 'pm_card_mastercard', 'pm_card_amex', 'pm_card_jcb', 'pm_card_de'])(
    'captures with %s',
    async (payment_method) => {
      const intent = await stripe.paymentIntents.create(aPayment({ payment_method, expand: ['latest_charge'] }));
      expect(intent).toMatchObject({ status: 'succeeded', amount_received: 2_500, currency: 'eur', livemode: false });
      expect(intent.latest_charge).toMatchObject({
        captured: true,
        amount_captured: 2_500,
        payment_intent: intent.id,
        metadata: { payment_id: 'p-1' },
        balance_transaction: expect.stringMatching(/^txn_/) as string,
        receipt_url: expect.stringContaining('/_sandbox/receipts/ch_') as string,
      });
      expect((await rig.journal()).at(-1)).toMatchObject({
        op: 'payment_intents.create',
        object: intent.id,
        amount: 2_500,
        currency: 'EUR',
        metadata: { payment_id: 'p-1' },
        outcome: 'captured',
      });
    },
  );

  it.each(DECLINES)(
    'declines %s with %s / %s, and the intent can be paid another way',
    async (name, code, declineCode) => {
      const error = await refusalOf(stripe.paymentIntents.create(aPayment({ payment_method: name })));
      expect(error).toMatchObject({ type: 'StripeCardError', statusCode: 402, code, decline_code: declineCode });
      expect(error.payment_intent).toMatchObject({
        status: 'requires_payment_method',
        payment_method: null,
        last_payment_error: { type: 'card_error', code, charge: error.charge },
      });
      expect((await rig.journal()).at(-1)).toMatchObject({ outcome: 'declined', object: error.payment_intent?.id });
      expect(await stripe.charges.retrieve(error.charge ?? '')).toMatchObject({ status: 'failed', paid: false });
      const again = { payment_method: 'pm_card_visa', return_url: 'https://shop.example/back' };
      const paid = await stripe.paymentIntents.confirm(error.payment_intent?.id ?? '', again);
      expect(paid).toMatchObject({ status: 'succeeded', last_payment_error: null });
    },
  );

  it.each(QUESTIONS)('asks the customer with %s, and captures when the bank is satisfied', async (payment_method) => {
    const intent = await stripe.paymentIntents.create(aPayment({ payment_method }));
    expect(intent.status).toBe('requires_action');
    const redirect = intent.next_action?.redirect_to_url;
    expect(redirect).toEqual({
      return_url: 'https://shop.example/back',
      url: `${rig.url}/_sandbox/authenticate/${intent.id}`,
    });
    expect(await (await fetch(redirect?.url ?? '')).text()).toContain('€25.00');
    await rig.door('POST', `/_sandbox/payment-intents/${intent.id}/authenticate`, { succeed: true });
    expect(await stripe.paymentIntents.retrieve(intent.id)).toMatchObject({ status: 'succeeded', next_action: null });
    expect((await rig.outcomes()).slice(-3)).toEqual([
      'payment_intents.create requires_action',
      'payment_intents.authenticate captured',
      'payment_intents.retrieve none',
    ]);
  });

  it('goes back to the payment method when the customer fails the question, or the card is declined after it', async () => {
    const failed = await stripe.paymentIntents.create(aPayment({ payment_method: 'pm_card_authenticationRequired' }));
    await rig.door('POST', `/_sandbox/payment-intents/${failed.id}/authenticate`, { succeed: false });
    expect(await stripe.paymentIntents.retrieve(failed.id)).toMatchObject({
      status: 'requires_payment_method',
      last_payment_error: { code: 'payment_intent_authentication_failure' },
    });
    const name = 'pm_card_threeDSecureRequiredChargeDeclined';
    const declined = await stripe.paymentIntents.create(aPayment({ payment_method: name }));
    await rig.door('POST', `/_sandbox/payment-intents/${declined.id}/authenticate`, { succeed: true });
    const after = await stripe.paymentIntents.retrieve(declined.id);
    expect(after.last_payment_error).toMatchObject({ code: 'card_declined', decline_code: 'generic_decline' });
  });

  it('reserves first and takes part of it later, once', async () => {
    const held = await stripe.paymentIntents.create(aPayment({ capture_method: 'manual' }));
    expect(held).toMatchObject({ status: 'requires_capture', amount_capturable: 2_500, amount_received: 0 });
    const tooMuch = await refusalOf(stripe.paymentIntents.capture(held.id, { amount_to_capture: 2_501 }));
    expect(tooMuch).toMatchObject({ statusCode: 400, code: 'amount_too_large' });
    const taken = await stripe.paymentIntents.capture(held.id, { amount_to_capture: 1_000 });
    expect(taken).toMatchObject({ status: 'succeeded', amount_received: 1_000, amount_capturable: 0 });
    const twice = await refusalOf(stripe.paymentIntents.capture(held.id));
    expect(twice).toMatchObject({ statusCode: 400, code: 'payment_intent_unexpected_state' });
    expect(twice.payment_intent?.status).toBe('succeeded');
    const entry = (await rig.journal()).find(
      (one) => one.op === 'payment_intents.capture' && one.outcome === 'captured',
    );
    expect(entry).toMatchObject({ object: held.id, amount: 1_000, currency: 'EUR' });
  });

  it('cancels what is not yet paid, lets go of what was reserved, and never cancels what was paid', async () => {
    const held = await stripe.paymentIntents.create(aPayment({ capture_method: 'manual' }));
    const ended = await stripe.paymentIntents.cancel(held.id, { cancellation_reason: 'abandoned' });
    expect(ended).toMatchObject({ status: 'canceled', cancellation_reason: 'abandoned', amount_capturable: 0 });
    const paid = await stripe.paymentIntents.create(aPayment());
    const error = await refusalOf(stripe.paymentIntents.cancel(paid.id));
    expect(error).toMatchObject({ statusCode: 400, code: 'payment_intent_unexpected_state' });
  });

  it('lets an authorisation lapse after seven days of its clock', async () => {
    const own = await Rig.start();
    const held = await own.stripe().paymentIntents.create(aPayment({ capture_method: 'manual' }));
    await own.door('POST', '/_sandbox/clock', { advanceMs: 8 * 24 * 3_600_000 });
    expect(await own.stripe().paymentIntents.retrieve(held.id)).toMatchObject({ status: 'canceled' });
    expect(await own.outcomes()).toContain('payment_intents.expire cancelled');
    await own.close();
  });

  it('waits for the client without a payment method, and takes a confirmation with the client secret', async () => {
    const open = await stripe.paymentIntents.create({ amount: 900, currency: 'usd' });
    expect(open).toMatchObject({ status: 'requires_payment_method', last_payment_error: null });
    const body = new URLSearchParams({
      payment_method: 'pm_card_visa',
      return_url: 'https://shop.example/back',
      client_secret: open.client_secret ?? '',
      key: 'pk_test_browser',
    });
    const address = `${rig.url}/v1/payment_intents/${open.id}/confirm`;
    expect(await (await fetch(address, { method: 'POST', body })).json()).toMatchObject({ status: 'succeeded' });
    body.delete('client_secret');
    expect((await fetch(address, { method: 'POST', body })).status).toBe(404);
    const list = await fetch(`${rig.url}/v1/payment_intents?key=pk_test_browser`);
    expect(list.status).toBe(401);
  });

  it('keeps a bank debit processing until the bank has answered', async () => {
    const begun = await stripe.paymentIntents.create(
      aPayment({ currency: 'usd', payment_method: 'pm_usBankAccount_success' }),
    );
    expect(begun.status).toBe('processing');
    const paid = await until(
      () => stripe.paymentIntents.retrieve(begun.id),
      ({ status }) => status !== 'processing',
    );
    expect(paid.status).toBe('succeeded');
  });
});
