import type Stripe from 'stripe';
import { Rig, aPayment, idOf, refusalOf } from './sandbox.fixture.js';

const MINUTE_MS = 60_000;

describe('the sandbox, as Stripe lists', () => {
  let rig: Rig;
  let stripe: Stripe;
  /** Oldest first, a minute of the sandbox's clock between any two. */
  const made: Stripe.PaymentIntent[] = [];

  beforeAll(async () => {
    rig = await Rig.start();
    stripe = rig.stripe();
    for (let n = 0; n < 5; n += 1) {
      made.push(await stripe.paymentIntents.create(aPayment({ metadata: { payment_id: `p-${n}` } })));
      await rig.door('POST', '/_sandbox/clock', { advanceMs: MINUTE_MS });
    }
  });
  afterAll(() => rig.close());

  const named = (page: { data: Stripe.PaymentIntent[] }) => page.data.map(({ metadata }) => metadata['payment_id']);

  it('lists payments newest first, page by page, and says whether more follow', async () => {
    const first = await stripe.paymentIntents.list({ limit: 2 });
    expect({ named: named(first), more: first.has_more }).toEqual({ named: ['p-4', 'p-3'], more: true });
    const next = await stripe.paymentIntents.list({ limit: 3, starting_after: first.data[1]?.id ?? '' });
    expect({ named: named(next), more: next.has_more }).toEqual({ named: ['p-2', 'p-1', 'p-0'], more: false });
    const back = await stripe.paymentIntents.list({ limit: 2, ending_before: next.data[1]?.id ?? '' });
    expect({ named: named(back), more: back.has_more }).toEqual({ named: ['p-3', 'p-2'], more: true });
  });

  it('is walked to its end by the SDK', async () => {
    const seen: string[] = [];
    for await (const { id } of stripe.paymentIntents.list({ limit: 2 })) seen.push(id);
    expect(seen).toEqual(made.map(({ id }) => id).reverse());
  });

  it('keeps to the times asked for, each bound by itself', async () => {
    const [, one, , three] = made.map(({ created }) => created);
    if (one === undefined || three === undefined) throw new Error('Too few payments were made');
    const list = async (created: Stripe.RangeQueryParam | number) =>
      named(await stripe.paymentIntents.list({ created }));
    expect(await list({ gte: one, lte: three })).toEqual(['p-3', 'p-2', 'p-1']);
    expect(await list({ gt: one, lt: three })).toEqual(['p-2']);
    expect(await list(three)).toEqual(['p-3']);
    expect(await list({ gt: three + 3_600 })).toEqual([]);
  });

  it('finds the charges and the money of one payment', async () => {
    const payment = made[2];
    const charges = await stripe.charges.list({ payment_intent: payment?.id ?? '' });
    expect(charges.data.map(({ id }) => id)).toEqual([idOf(payment?.latest_charge ?? null)]);
    const money = await stripe.balanceTransactions.list({ source: charges.data[0]?.id ?? '' });
    expect(money.data).toMatchObject([{ amount: 2_500, fee: 103, net: 2_397, currency: 'eur', type: 'charge' }]);
  });

  it('lists the events of a type, with wildcards, and gives each by its id', async () => {
    const succeeded = await stripe.events.list({ type: 'payment_intent.succeeded', limit: 100 });
    expect(succeeded.data).toHaveLength(5);
    expect(await stripe.events.retrieve(succeeded.data[0]?.id ?? '')).toEqual(
      expect.objectContaining({ id: succeeded.data[0]?.id, api_version: '2026-10-28.endive', livemode: false }),
    );
    const all = await stripe.events.list({ type: 'payment_intent.*', limit: 100 });
    expect(new Set(all.data.map(({ type }) => type))).toEqual(
      new Set(['payment_intent.created', 'payment_intent.succeeded']),
    );
    const { created } = made[3] ?? { created: 0 };
    const late = await stripe.events.list({ types: ['payment_intent.created'], created: { gte: created } });
    expect(late.data).toHaveLength(2);
  });

  it('puts objects where ids stand, when asked to', async () => {
    const page = await stripe.paymentIntents.list({
      limit: 1,
      expand: ['data.latest_charge.balance_transaction', 'data.payment_method'],
    });
    expect(page.data[0]).toMatchObject({
      latest_charge: { object: 'charge', balance_transaction: { object: 'balance_transaction', fee: 103 } },
      payment_method: { object: 'payment_method', type: 'card', card: { brand: 'visa', last4: '4242' } },
    });
  });

  it('refuses limits, cursors and filters that are none', async () => {
    expect(await refusalOf(stripe.paymentIntents.list({ limit: 101 }))).toMatchObject({ param: 'limit' });
    expect(await refusalOf(stripe.paymentIntents.list({ limit: 0 }))).toMatchObject({ param: 'limit' });
    const cursor = await refusalOf(stripe.paymentIntents.list({ starting_after: 'pi_3nobody' }));
    expect(cursor).toMatchObject({ code: 'resource_missing', param: 'starting_after' });
    const filter: Record<string, unknown> = { colour: 'red' };
    expect(await refusalOf(stripe.paymentIntents.list(filter))).toMatchObject({ code: 'parameter_unknown' });
  });
});
