import { type Client, expectStatus } from '../support/client.js';
import { type RunningShop, startShop } from '../support/running-shop.js';
import { WEBHOOK_SECRET } from '../support/shop-environment.js';
import type { WebhookMood } from '../support/sandbox.js';
import { stripeSignature } from '../support/webhook-signature.js';

jest.setTimeout(120_000);

const FORGER = 'whsec_the_forger_made_this_up_000001';

let shop: RunningShop;
/** Believes the forger's signatures, and never asks the provider by itself. */
let gullible: RunningShop;
let anna: Client;

beforeAll(async () => {
  shop = await startShop();
  const env = { STRIPE_WEBHOOK_SECRET_PREVIOUS: FORGER, RECOVERY_POLL_MS: '3600000', SANDBOX_WEBHOOK_SECRET: FORGER };
  gullible = await startShop({ env });
  anna = await shop.as('anna@purser.test');
});

afterAll(async () => {
  await Promise.all([shop?.stop(), gullible?.stop()]);
});

/** A card that wants the customer, who then answers: the payment ends at the provider, behind our back. */
async function authenticatedWhile(where: RunningShop, mood: WebhookMood) {
  await where.sandbox.webhooks(mood);
  const buyer = await where.as('anna@purser.test');
  const order = await where.order(buyer);
  expectStatus(await buyer.pay(order.id, { card: 'pm_card_authenticationRequired' }), 201);
  const [payment] = await where.payments(order.id);
  const intent = payment?.provider_payment_id ?? '';
  await where.sandbox.authenticate(intent);
  return { order, intent };
}

function inbox(where: RunningShop, intent: string) {
  return where.query<{ event_id: string; deliveries: number }>(
    `SELECT event_id, deliveries FROM webhook_inbox WHERE object_id = $1 ORDER BY event_id`,
    [intent],
  );
}

async function expectPaidOnce(orderId: string): Promise<void> {
  const isCompleted = async () => (await shop.orderStatus(orderId)) === 'completed';
  await shop.waitUntil(isCompleted, { what: 'the order to complete' });
  await shop.quiet();
  expect((await shop.payments(orderId)).map(({ status }) => status)).toEqual(['succeeded']);
  expect(await shop.sandbox.captures({ orderId })).toHaveLength(1);
  expect(await shop.violations()).toEqual({});
}

describe('a payment ends at the provider', () => {
  it('is settled once when every webhook comes three times, all mixed up', async () => {
    const { order, intent } = await authenticatedWhile(shop, { copies: 3, shuffle: true });

    await expectPaidOnce(order.id);

    const events = await shop.sandbox.eventsOf(intent);
    expect(events.length).toBeGreaterThan(1);
    const received = await inbox(shop, intent);
    expect(received.map(({ event_id: id }) => id)).toEqual(events.map(({ id }) => id).sort());
    expect(new Set(received.map(({ deliveries }) => deliveries))).toEqual(new Set([3]));
  });

  it('changes nothing when all its events come again, newest first', async () => {
    const { order, intent } = await authenticatedWhile(shop, {});
    await expectPaidOnce(order.id);
    const state = () => shop.query(`SELECT * FROM payments WHERE order_id = $1`, [order.id]);
    const before = await state();

    for (const { id } of await shop.sandbox.eventsOf(intent)) expect(await shop.sandbox.resend(id)).toBe(200);
    await shop.quiet();

    expect(await state()).toEqual(before);
    expect(new Set((await inbox(shop, intent)).map(({ deliveries }) => deliveries))).toEqual(new Set([2]));
    await expectPaidOnce(order.id);
  });

  it('is found by asking the provider when every webhook is lost', async () => {
    const { order, intent } = await authenticatedWhile(shop, { lose: 1 });

    await expectPaidOnce(order.id);

    expect(await inbox(shop, intent)).toEqual([]);
    expect((await shop.payments(order.id))[0]?.checks).toBe(0);
  });

  it('is found by a reconciliation when every webhook is lost, and nobody else asks', async () => {
    const { order } = await authenticatedWhile(gullible, { lose: 1 });
    const admin = await gullible.as('admin@purser.test');

    const asked = expectStatus(await admin.post('/v1/admin/reconciliations', { body: {} }), 202);

    const report = asked.headers.get('location') ?? '';
    const isCompleted = async () => expectStatus(await admin.get(report), 200).body.status === 'completed';
    await gullible.waitUntil(isCompleted, { what: 'the reconciliation to be done' });
    expect(await gullible.orderStatus(order.id)).toBe('completed');
    expect((await gullible.payments(order.id)).map(({ status }) => status)).toEqual(['succeeded']);
    expect((await admin.get(report)).text).toContain('"late":{"healed":1}');
    await gullible.sandbox.webhooks({});
  });

  it('would never be found with webhooks alone (control)', async () => {
    const { order } = await authenticatedWhile(gullible, { lose: 1 });

    await gullible.waitUntil(async () => (await gullible.payments(order.id))[0]?.is_overdue, {
      what: 'the moment recovery would have asked',
    });

    expect(await gullible.orderStatus(order.id)).toBe('pending');
    expect(await gullible.violations()).toMatchObject({ 'captures without a payment (stray money)': 1 });
    await gullible.sandbox.webhooks({});
  });
});

describe('somebody who is not the provider calls the webhook', () => {
  /** What a forger would like us to believe of a payment that waits for its customer. */
  async function forgery(where: RunningShop) {
    const buyer = await where.as('ben@purser.test');
    const order = await where.order(buyer);
    expectStatus(await buyer.pay(order.id, { card: 'pm_card_authenticationRequired' }), 201);
    const [payment] = await where.payments(order.id);
    const id = payment?.provider_payment_id ?? '';
    const object = { id, object: 'payment_intent', status: 'succeeded', amount_received: 1_490, metadata: {} };
    const event = { id: `evt_forged_${order.id}`, object: 'event', type: 'payment_intent.succeeded', data: { object } };
    return { order, event, body: JSON.stringify(event) };
  }

  const send = (where: RunningShop, raw: string, signature?: string) =>
    where.visitor.post('/v1/webhooks/stripe', { raw, headers: signature ? { 'stripe-signature': signature } : {} });

  it.each<[string, (body: string) => { signature?: string; sent?: string }]>([
    ['no signature', () => ({})],
    ['words for a signature', () => ({ signature: 'trust me' })],
    ["the forger's own secret", (body) => ({ signature: stripeSignature(body, { secret: FORGER }) })],
    [
      'a signature ten minutes old',
      (body) => ({ signature: stripeSignature(body, { secret: WEBHOOK_SECRET, ageSeconds: 600 }) }),
    ],
    [
      'one byte altered on the way',
      (body) => ({
        signature: stripeSignature(body, { secret: WEBHOOK_SECRET }),
        sent: body.replace('"amount_received":1490', '"amount_received":1491'),
      }),
    ],
    ['the signature of another body', () => ({ signature: stripeSignature('{}', { secret: WEBHOOK_SECRET }) })],
  ])('is refused with %s, and leaves no trace', async (_what, forge) => {
    const { order, event, body } = await forgery(shop);
    const { signature, sent = body } = forge(body);

    const reply = await send(shop, sent, signature);

    expect([reply.status, reply.body.code]).toEqual([400, 'invalid-signature']);
    expect(await shop.query(`SELECT 1 FROM webhook_inbox WHERE event_id = $1`, [event.id])).toEqual([]);
    expect(await shop.query(`SELECT 1 FROM events WHERE stream = $1`, [`inbox-stripe-${event.id}`])).toEqual([]);
    expect((await shop.payments(order.id)).map(({ status }) => status)).toEqual(['requires_action']);
  });

  it('would be let in with the secret (control), and even then is not believed', async () => {
    const { order, event, body } = await forgery(gullible);

    const reply = await send(gullible, body, stripeSignature(body, { secret: FORGER }));

    expect(reply.status).toBe(200);
    expect(await gullible.query(`SELECT deliveries FROM webhook_inbox WHERE event_id = $1`, [event.id])).toHaveLength(
      1,
    );
    // The webhook is a hint: the provider was asked, and nobody has paid.
    await gullible.quiet();
    expect((await gullible.payments(order.id)).map(({ status }) => status)).toEqual(['requires_action']);
    expect(await gullible.orderStatus(order.id)).toBe('pending');
  });

  it('hears the provider under the old secret and the new while one replaces the other', async () => {
    // The sandbox of this shop signs with the previous secret; the current one is the tests' own.
    const { order } = await authenticatedWhile(gullible, {});
    const isCompleted = async () => (await gullible.orderStatus(order.id)) === 'completed';
    await gullible.waitUntil(isCompleted, { what: 'the order to complete' });

    const { event, body } = await forgery(gullible);
    expect((await send(gullible, body, stripeSignature(body, { secret: WEBHOOK_SECRET }))).status).toBe(200);
    expect(await gullible.query(`SELECT 1 FROM webhook_inbox WHERE event_id = $1`, [event.id])).toHaveLength(1);
  });
});

it('takes nothing of a body for true but what it is about', async () => {
  const order = await shop.order(anna);
  const paid = expectStatus(await anna.pay(order.id), 201).body;
  const [payment] = await shop.payments(order.id);
  const object = { id: payment?.provider_payment_id, object: 'payment_intent', status: 'canceled', amount_received: 1 };
  const event = { id: `evt_odd_${order.id}`, object: 'event', type: 'payment_intent.canceled', data: { object } };
  const raw = JSON.stringify(event);

  const headers = { 'stripe-signature': stripeSignature(raw, { secret: WEBHOOK_SECRET }) };
  expect((await shop.visitor.post('/v1/webhooks/stripe', { raw, headers })).status).toBe(200);

  await expectPaidOnce(order.id);
  expect((await shop.payments(order.id))[0]).toMatchObject({ id: paid.id, captured_amount: paid.amount });
});
