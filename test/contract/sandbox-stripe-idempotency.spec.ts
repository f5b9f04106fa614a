import type Stripe from 'stripe';
import { Rig, aPayment, idOf, refusalOf } from './sandbox.fixture.js';

const DAY_MS = 24 * 3_600_000;
const KEY = { idempotencyKey: 'order-7-attempt-1' };

describe('the sandbox, asked the same thing twice', () => {
  let rig: Rig;
  let stripe: Stripe;

  beforeEach(async () => {
    rig = await Rig.start();
    stripe = rig.stripe();
  });
  afterEach(() => rig.close());

  it('gives the first answer again and takes the money once', async () => {
    const first = await stripe.paymentIntents.create(aPayment(), KEY);
    const second = await stripe.paymentIntents.create(aPayment(), KEY);
    expect(second.id).toBe(first.id);
    expect(first.lastResponse.headers['idempotent-replayed']).toBeUndefined();
    expect(second.lastResponse.headers).toMatchObject({
      'idempotent-replayed': 'true',
      'original-request': first.lastResponse.requestId,
    });
    expect(await rig.outcomes()).toEqual(['payment_intents.create captured', 'payment_intents.create replayed']);
    expect((await rig.journal()).map(({ idempotencyKey }) => idempotencyKey)).toEqual(
      Array(2).fill(KEY.idempotencyKey),
    );
  });

  it('gives a declined card again: the same 402, no second attempt', async () => {
    const declined = aPayment({ payment_method: 'pm_card_chargeDeclined' });
    const first = await refusalOf(stripe.paymentIntents.create(declined, KEY));
    const second = await refusalOf(stripe.paymentIntents.create(declined, KEY));
    expect(second.statusCode).toBe(402);
    expect(second.charge).toBe(first.charge);
    expect(await rig.outcomes()).toEqual(['payment_intents.create declined', 'payment_intents.create replayed']);
  });

  it('refuses the key for anything else: an idempotency error, a 400 that is no verdict on the payment', async () => {
    await stripe.paymentIntents.create(aPayment(), KEY);
    const error = await refusalOf(stripe.paymentIntents.create(aPayment({ amount: 2_501 }), KEY));
    expect(error).toMatchObject({ type: 'StripeIdempotencyError', statusCode: 400, rawType: 'idempotency_error' });
    const elsewhere = await refusalOf(stripe.refunds.create({ payment_intent: 'pi_3x' }, KEY));
    expect(elsewhere.type).toBe('StripeIdempotencyError');
  });

  it('does not mind the order of the parameters', async () => {
    const { metadata, ...rest } = aPayment();
    const first = await stripe.paymentIntents.create({ metadata, ...rest }, KEY);
    expect((await stripe.paymentIntents.create({ ...rest, metadata }, KEY)).id).toBe(first.id);
  });

  it('refuses a twin while the first is still running, with 409, and answers both alike afterwards', async () => {
    await rig.arm({ op: 'payment_intents.create', effect: 'delay', ms: 60_000, times: 1 });
    const running = stripe.paymentIntents.create(aPayment(), KEY);
    let twin = await refusalOf(stripe.paymentIntents.create(aPayment(), KEY));
    expect(twin).toMatchObject({ statusCode: 409, code: 'idempotency_key_in_use' });
    expect(twin.headers?.['stripe-should-retry']).toBe('true');
    twin = await refusalOf(stripe.paymentIntents.create(aPayment({ amount: 9_999 }), KEY));
    expect(twin.statusCode).toBe(409);
    await rig.door('DELETE', '/_sandbox/faults');
    const { id } = await running;
    expect((await stripe.paymentIntents.create(aPayment(), KEY)).id).toBe(id);
    expect((await rig.outcomes()).filter((outcome) => outcome.endsWith('captured'))).toHaveLength(1);
  });

  it('takes the money once when a hundred ask at the same time', async () => {
    const asked = Array.from({ length: 100 }, () => stripe.paymentIntents.create(aPayment(), KEY));
    const answers = await Promise.allSettled(asked);
    const ids = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value.id] : []));
    expect(new Set(ids).size).toBe(1);
    expect((await rig.outcomes()).filter((outcome) => outcome.endsWith('captured'))).toHaveLength(1);
  });

  it('takes it a hundred times when they ask under a hundred keys', async () => {
    const asked = Array.from({ length: 100 }, (_, n) =>
      stripe.paymentIntents.create(aPayment(), { idempotencyKey: `${KEY.idempotencyKey}-${n}` }),
    );
    expect(new Set((await Promise.all(asked)).map(({ id }) => id)).size).toBe(100);
    expect((await rig.outcomes()).filter((outcome) => outcome.endsWith('captured'))).toHaveLength(100);
  });

  it('forgets a refused parameter: the key is free for the corrected request', async () => {
    await refusalOf(stripe.paymentIntents.create(aPayment({ amount: 1 }), KEY));
    expect(await stripe.paymentIntents.create(aPayment(), KEY)).toMatchObject({ status: 'succeeded' });
  });

  it('keeps a refusal by state, which was already a verdict', async () => {
    const { id } = await stripe.paymentIntents.create(aPayment());
    await refusalOf(stripe.paymentIntents.cancel(id, {}, KEY));
    const again = await refusalOf(stripe.paymentIntents.cancel(id, {}, KEY));
    expect(again.headers?.['idempotent-replayed']).toBe('true');
  });

  it('forgets every key after 24 hours: the same request then takes the money again', async () => {
    const first = await stripe.paymentIntents.create(aPayment(), KEY);
    await rig.door('POST', '/_sandbox/clock', { advanceMs: DAY_MS - 60_000 });
    expect((await stripe.paymentIntents.create(aPayment(), KEY)).id).toBe(first.id);
    await rig.door('POST', '/_sandbox/clock', { advanceMs: 60_000 });
    expect((await stripe.paymentIntents.create(aPayment(), KEY)).id).not.toBe(first.id);
  });

  it('remembers keys, objects, clock and journal over a restart', async () => {
    const first = await stripe.paymentIntents.create(aPayment(), KEY);
    await rig.door('POST', '/_sandbox/clock', { advanceMs: 3_600_000 });
    const before = await rig.journal();
    await rig.restart();
    expect(await rig.journal()).toEqual(before);
    expect((await rig.stripe().paymentIntents.create(aPayment(), KEY)).id).toBe(first.id);
    expect(await rig.stripe().charges.retrieve(idOf(first.latest_charge))).toMatchObject({ captured: true });
    expect((await rig.journal()).map(({ n }) => n)).toEqual([1, 2, 3]);
    const later = await rig.stripe().paymentIntents.create(aPayment());
    expect(later.created - first.created).toBeGreaterThanOrEqual(3_600);
  });
});
