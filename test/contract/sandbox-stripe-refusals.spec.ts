import Stripe from 'stripe';
import { Rig, aPayment, refusalOf } from './sandbox.fixture.js';

type Wrong = [what: string, changes: Record<string, unknown>, expected: Record<string, unknown>];

const WRONG: Wrong[] = [
  ['an unknown parameter', { colour: 'red' }, { code: 'parameter_unknown', param: 'colour' }],
  ['a missing amount', { amount: undefined }, { code: 'parameter_missing', param: 'amount' }],
  ['a missing currency', { currency: undefined }, { code: 'parameter_missing', param: 'currency' }],
  ['a fraction', { amount: 10.5 }, { code: 'parameter_invalid_integer', param: 'amount' }],
  ['a negative amount', { amount: -5 }, { code: 'parameter_invalid_integer', param: 'amount' }],
  ['too small an amount', { amount: 49 }, { code: 'amount_too_small', param: 'amount' }],
  ['too large an amount', { amount: 100_000_000 }, { code: 'amount_too_large', param: 'amount' }],
  ['an empty string', { return_url: '' }, { code: 'parameter_invalid_empty', param: 'return_url' }],
  [
    'a list of types',
    { payment_method_types: ['card'] },
    { code: 'payment_method_types_no_longer_supported', param: 'payment_method_types' },
  ],
  [
    'two ways to choose what is offered',
    { allowed_payment_method_types: ['card'], automatic_payment_methods: { enabled: true } },
    { code: 'parameters_exclusive' },
  ],
  ['a currency nobody has', { currency: 'xyz' }, { param: 'currency' }],
  ['a third decimal', { amount: 1_001, currency: 'kwd' }, { param: 'amount' }],
  ['an unknown word', { capture_method: 'later' }, { param: 'capture_method' }],
  [
    'an unknown payment method',
    { payment_method: 'pm_card_wish' },
    { code: 'resource_missing', param: 'payment_method' },
  ],
  ['an address that is none', { return_url: 'javascript:alert(1)' }, { code: 'url_invalid', param: 'return_url' }],
  ['no address to come back to', { return_url: undefined }, { param: 'return_url' }],
  ['an expansion that is none', { expand: ['amount'] }, { type: 'StripeInvalidRequestError' }],
];

describe('the sandbox, as Stripe refuses', () => {
  let rig: Rig;
  let stripe: Stripe;

  beforeAll(async () => {
    rig = await Rig.start();
    stripe = rig.stripe();
  });
  afterAll(() => rig.close());

  it.each(WRONG)('%s: 400, and nothing has happened', async (_what, changes, expected) => {
    const before = await stripe.paymentIntents.list();
    const error = await refusalOf(stripe.paymentIntents.create(aPayment(changes)));
    expect(error).toMatchObject({ statusCode: 400, type: 'StripeInvalidRequestError', ...expected });
    expect((await rig.journal()).at(-1)).toMatchObject({ outcome: 'rejected', object: null });
    expect((await stripe.paymentIntents.list()).data).toEqual(before.data);
  });

  it('does not know an intent, a charge or an address that is not there: 404', async () => {
    const missing = { statusCode: 404, code: 'resource_missing' };
    expect(await refusalOf(stripe.paymentIntents.retrieve('pi_3nobody'))).toMatchObject(missing);
    expect(await refusalOf(stripe.charges.retrieve('ch_3nobody'))).toMatchObject(missing);
    expect(await refusalOf(stripe.customers.create({}))).toMatchObject({ statusCode: 404 });
  });

  it('lets nobody in without a test key: 401', async () => {
    const { port } = new URL(rig.url);
    const stranger = new Stripe('sk_live_x', { host: '127.0.0.1', port, protocol: 'http', maxNetworkRetries: 0 });
    expect(await refusalOf(stranger.paymentIntents.list())).toMatchObject({
      statusCode: 401,
      type: 'StripeAuthenticationError',
    });
    const anonymous = await fetch(`${rig.url}/v1/payment_intents`);
    expect(anonymous.status).toBe(401);
    expect(anonymous.headers.get('request-id')).toMatch(/^req_/);
  });

  it('declines instead of asking where nobody is there to answer', async () => {
    for (const changes of [{ off_session: true }, { error_on_requires_action: true }]) {
      const payment = aPayment({ payment_method: 'pm_card_authenticationRequired', ...changes });
      const error = await refusalOf(stripe.paymentIntents.create(payment));
      expect(error).toMatchObject({ statusCode: 402, code: 'authentication_required' });
    }
  });

  it('takes only what is offered, and no longer takes a list of types', async () => {
    const bank = { currency: 'usd', payment_method: 'pm_usBankAccount_success' };
    const narrowed = aPayment({ ...bank, allowed_payment_method_types: ['card'] });
    expect(await refusalOf(stripe.paymentIntents.create(narrowed))).toMatchObject({ param: 'payment_method' });
    const excluding = aPayment({ ...bank, excluded_payment_method_types: ['us_bank_account'] });
    expect(await refusalOf(stripe.paymentIntents.create(excluding))).toMatchObject({ param: 'payment_method' });
    const paid = await stripe.paymentIntents.create({
      amount: 2_500,
      currency: 'usd',
      confirm: true,
      payment_method: 'pm_card_visa',
      allowed_payment_method_types: ['card'],
    });
    expect(paid).toMatchObject({
      status: 'succeeded',
      payment_method_types: ['card'],
      automatic_payment_methods: null,
    });
  });

  it('confirms neither what has no payment method nor what is paid', async () => {
    const open = await stripe.paymentIntents.create({ amount: 900, currency: 'usd' });
    const back = { return_url: 'https://shop.example/back' };
    const unexpected = { statusCode: 400, code: 'payment_intent_unexpected_state' };
    expect(await refusalOf(stripe.paymentIntents.confirm(open.id, back))).toMatchObject(unexpected);
    const paid = await stripe.paymentIntents.create(aPayment());
    expect(await refusalOf(stripe.paymentIntents.confirm(paid.id, back))).toMatchObject(unexpected);
  });
});
