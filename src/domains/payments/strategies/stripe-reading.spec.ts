import Stripe from 'stripe';
import { readIntent, readQuestionError, readSubmitError } from './stripe-reading.js';

const call = { op: 'test', key: null, startedAt: new Date(), endedAt: new Date(), requestId: null };
type RawError = ConstructorParameters<typeof Stripe.errors.StripeError>[0];

function intent(facts: object): Stripe.PaymentIntent {
  const whole = { id: 'pi_1', amount: 500, amount_received: 500, currency: 'usd', latest_charge: 'ch_1', metadata: {} };
  return JSON.parse(JSON.stringify({ ...whole, client_secret: 'secret', ...facts })) as Stripe.PaymentIntent;
}

function raw(facts: object): RawError {
  return JSON.parse(JSON.stringify({ message: 'no', ...facts })) as RawError;
}

describe('readIntent', () => {
  it.each([
    ['succeeded', {}, 'succeeded'],
    ['requires_capture', {}, 'authorized'],
    ['requires_action', {}, 'requires_action'],
    ['requires_confirmation', {}, 'requires_action'],
    ['processing', {}, 'unknown'],
    ['canceled', {}, 'cancelled'],
    ['requires_payment_method', {}, 'requires_action'],
    ['requires_payment_method', { last_payment_error: { type: 'card_error', code: 'card_declined' } }, 'failed'],
    ['a_status_of_tomorrow', {}, 'unknown'],
  ])('reads %s %j as %s', (status, facts, expected) => {
    expect(readIntent(intent({ status, ...facts }), call).status).toBe(expected);
  });

  it('names the charge, the amount received and our spelling of the currency', () => {
    const report = readIntent(intent({ status: 'succeeded', amount: 500, amount_received: 400 }), call);
    expect(report).toMatchObject({ providerPaymentId: 'pi_1', chargeId: 'ch_1', amount: 400, currency: 'USD' });
  });

  it('sends the customer to the bank where there is a page, and to Stripe.js where there is none', () => {
    const page = { type: 'redirect_to_url', redirect_to_url: { url: 'https://bank.example' } };
    expect(readIntent(intent({ status: 'requires_action', next_action: page }), call)).toMatchObject({
      nextAction: { type: 'redirect', url: 'https://bank.example', clientSecret: 'secret' },
    });
    expect(readIntent(intent({ status: 'requires_action' }), call)).toMatchObject({ nextAction: { type: 'confirm' } });
  });
});

describe('readSubmitError', () => {
  const { errors } = Stripe;

  it('calls only a card error, or a refusal of the request itself, a failure', () => {
    expect(readSubmitError(new errors.StripeCardError(raw({ code: 'card_declined' })), call).status).toBe('failed');
    expect(readSubmitError(new errors.StripeInvalidRequestError(raw({ statusCode: 400 })), call).status).toBe('failed');
  });

  it.each([
    ['a timeout or reset', new errors.StripeConnectionError(raw({}))],
    ['a 500', new errors.StripeAPIError(raw({ statusCode: 500 }))],
    ['a 409', new errors.StripeInvalidRequestError(raw({ statusCode: 409 }))],
    ['a 429', new errors.StripeRateLimitError(raw({ statusCode: 429 }))],
    ['an idempotency error, although it is a 400', new errors.StripeIdempotencyError(raw({ statusCode: 400 }))],
    ['a refused key', new errors.StripeAuthenticationError(raw({ statusCode: 401 }))],
    ['a refused permission', new errors.StripePermissionError(raw({ statusCode: 403 }))],
    ['anything else that was thrown', new TypeError('fetch failed')],
  ])('leaves the outcome unknown after %s', (_what, error) => {
    expect(readSubmitError(error, call).status).toBe('unknown');
  });

  it.each([
    [new errors.StripeIdempotencyError(raw({})), 'stripe-idempotency-error'],
    [new errors.StripeAuthenticationError(raw({})), 'stripe-key-refused'],
    [new errors.StripePermissionError(raw({})), 'stripe-permission-refused'],
  ])('wakes somebody after %s', (error, alarm) => {
    expect(readSubmitError(error, call)).toMatchObject({ alarm });
  });

  it('keeps the decline code, and the intent that now has to be cancelled', () => {
    const error = new errors.StripeCardError(
      raw({ code: 'card_declined', decline_code: 'lost_card', payment_intent: { id: 'pi_9', latest_charge: null } }),
    );
    expect(readSubmitError(error, call)).toMatchObject({
      providerPaymentId: 'pi_9',
      failure: { kind: 'card', code: 'card_declined', declineCode: 'lost_card' },
    });
  });
});

describe('readQuestionError', () => {
  it('never decides anything', () => {
    const refused = new Stripe.errors.StripeInvalidRequestError(raw({ statusCode: 404, code: 'resource_missing' }));
    expect(readQuestionError(refused, call).status).toBe('unknown');
  });
});
