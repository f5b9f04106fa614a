import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type Stripe from 'stripe';
import { Rig, aPayment, refusalOf } from './sandbox.fixture.js';

const CREATE = 'payment_intents.create';
const KEY = { idempotencyKey: 'order-9-attempt-1' };

describe('the sandbox, told to misbehave', () => {
  let rig: Rig;
  let stripe: Stripe;

  beforeEach(async () => {
    rig = await Rig.start();
    stripe = rig.stripe();
  });
  afterEach(() => rig.close());

  const captures = async () => (await rig.outcomes()).filter((outcome) => outcome.endsWith('captured')).length;
  const listed = async () => (await stripe.paymentIntents.list()).data;

  it('drops the reply after the work: the SDK comes again with the key and gets what was done', async () => {
    await rig.arm({ op: CREATE, effect: 'dropReply', times: 1 });
    const intent = await stripe.paymentIntents.create(aPayment(), KEY);
    expect(intent.lastResponse.headers['idempotent-replayed']).toBe('true');
    expect(await captures()).toBe(1);
  });

  it('drops every reply: the client knows nothing, the money is taken once', async () => {
    await rig.arm({ op: '*', effect: 'dropReply' });
    expect(await refusalOf(rig.stripe(1).paymentIntents.create(aPayment(), KEY))).toMatchObject({
      type: 'StripeConnectionError',
    });
    await rig.door('DELETE', '/_sandbox/faults');
    expect(await captures()).toBe(1);
    expect(await listed()).toHaveLength(1);
  });

  it('cuts the connection before the work: nothing has happened', async () => {
    await rig.arm({ op: CREATE, effect: 'reset' });
    expect((await refusalOf(stripe.paymentIntents.create(aPayment(), KEY))).type).toBe('StripeConnectionError');
    expect(await rig.journal()).toEqual([]);
    expect(await listed()).toEqual([]);
  });

  it('answers 500 after the work and for ever: the list shows what the answer hid', async () => {
    await rig.arm({ op: CREATE, effect: 'stored500', times: 1 });
    const first = await refusalOf(stripe.paymentIntents.create(aPayment(), KEY));
    expect(first).toMatchObject({ type: 'StripeAPIError', statusCode: 500 });
    expect(first.headers?.['stripe-should-retry']).toBe('false');
    const again = await refusalOf(stripe.paymentIntents.create(aPayment(), KEY));
    expect(again).toMatchObject({ statusCode: 500 });
    expect(again.headers?.['idempotent-replayed']).toBe('true');
    expect(await listed()).toMatchObject([{ status: 'succeeded', metadata: { payment_id: 'p-1' } }]);
    expect((await rig.outcomes()).slice(0, 2)).toEqual([`${CREATE} captured`, `${CREATE} replayed`]);
  });

  it('answers 500 for ever without having done anything', async () => {
    await rig.arm({ op: CREATE, effect: 'stored500', before: true, times: 1 });
    for (let n = 0; n < 2; n += 1) {
      expect(await refusalOf(stripe.paymentIntents.create(aPayment(), KEY))).toMatchObject({ statusCode: 500 });
    }
    expect(await listed()).toEqual([]);
  });

  it.each([
    [401, 'StripeAuthenticationError'],
    [402, 'StripeCardError'],
    [403, 'StripePermissionError'],
    [409, 'StripeAPIError'],
    [429, 'StripeRateLimitError'],
    [500, 'StripeAPIError'],
    [503, 'StripeAPIError'],
  ])('refuses at the door with %i, stores nothing, and lets the next one in', async (status, type) => {
    await rig.arm({ op: CREATE, effect: 'status', status, times: 1, retryAfter: 2 });
    const error = await refusalOf(stripe.paymentIntents.create(aPayment(), KEY));
    expect(error).toMatchObject({ type, statusCode: status });
    expect(error.headers?.['retry-after']).toBe('2');
    expect(await stripe.paymentIntents.create(aPayment(), KEY)).toMatchObject({ status: 'succeeded' });
    expect(await rig.outcomes()).toEqual([`${CREATE} rejected`, `${CREATE} captured`]);
  });

  it('holds a reply after the work: a client that gives up finds the work done', async () => {
    await rig.arm({ op: CREATE, effect: 'delay', ms: 60_000, after: true, times: 1 });
    const error = await refusalOf(stripe.paymentIntents.create(aPayment(), { ...KEY, timeout: 100 }));
    expect(error).toMatchObject({ type: 'StripeConnectionError' });
    expect(error.message).toContain('timeout');
    expect((await stripe.paymentIntents.create(aPayment(), KEY)).status).toBe('succeeded');
    expect(await captures()).toBe(1);
  });

  it('strikes only the operation named, as often as told, with the same dice for the same seed', async () => {
    const struck = async () => {
      await rig.arm({ op: 'payment_intents.list', effect: 'status', status: 503, probability: 0.5, seed: 7, times: 4 });
      const pattern: boolean[] = [];
      for (let n = 0; n < 16; n += 1) pattern.push((await listed().catch(() => null)) === null);
      return pattern;
    };
    const first = await struck();
    expect(first.filter(Boolean)).toHaveLength(4);
    expect(await struck()).toEqual(first);
    expect(await stripe.paymentIntents.create(aPayment())).toMatchObject({ status: 'succeeded' });
    expect(await rig.door('GET', '/_sandbox/faults')).toMatchObject([{ seed: 7, hits: 4, times: 4 }]);
  });

  it('refuses faults it does not know', async () => {
    for (const body of [
      {},
      [{ op: CREATE, effect: 'explode' }],
      [{ effect: 'reset' }],
      [{ op: '*', effect: 'status' }],
    ]) {
      await expect(rig.door('PUT', '/_sandbox/faults', body)).rejects.toThrow('400');
    }
  });

  it('forgets everything on reset except the journal', async () => {
    await stripe.paymentIntents.create(aPayment(), KEY);
    await rig.arm({ op: '*', effect: 'reset' });
    await rig.door('POST', '/_sandbox/reset');
    expect(await listed()).toEqual([]);
    await rig.restart();
    stripe = rig.stripe();
    expect(await stripe.paymentIntents.create(aPayment(), KEY)).toMatchObject({ status: 'succeeded' });
    const entries = await rig.journal();
    expect(entries.map(({ n, op }) => `${n} ${op}`)).toEqual([
      `1 ${CREATE}`,
      '2 reset',
      '3 payment_intents.list',
      `4 ${CREATE}`,
    ]);
    expect(await rig.journal(3)).toEqual(entries.slice(3));
    const file = readFileSync(join(rig.dataDir, 'journal.ndjson'), 'utf8').trimEnd().split('\n');
    expect(file.map((line) => JSON.parse(line) as unknown)).toEqual(entries);
  });

  it('cuts off a line that a kill left half written', async () => {
    const { id } = await stripe.paymentIntents.create(aPayment(), KEY);
    appendFileSync(join(rig.dataDir, 'journal.ndjson'), '{"n":2,"at":"20');
    appendFileSync(join(rig.dataDir, 'objects.ndjson'), '{"put":{"intents":[{"id":"pi_half');
    await rig.restart();
    expect((await rig.stripe().paymentIntents.create(aPayment(), KEY)).id).toBe(id);
    expect((await rig.journal()).map(({ n, outcome }) => `${n} ${outcome}`)).toEqual(['1 captured', '2 replayed']);
  });
});
