import { InvalidSignature } from '../../src/domains/payments/payment.errors.js';
import { newId } from '../../src/shared/ids.js';
import { tampering } from '../support/tampering.js';
import { waitUntil } from '../support/wait.js';
import { stripeSignature } from '../support/webhook-signature.js';
import * as books from './payments.books.js';
import { PaymentDesk, WEBHOOK_SECRET } from './payments.support.js';

jest.setTimeout(60_000);

let shop: PaymentDesk;

beforeAll(async () => {
  shop = await PaymentDesk.open({ WEBHOOK_ORPHAN_AFTER_MS: '600' });
});

afterAll(async () => {
  await shop?.close();
});

beforeEach(() => {
  shop.alarms.raised.length = 0;
});

/** A signed hint about an object; nothing else in it is true. */
function aHint(objectId: string, { type = 'payment_intent.succeeded', id = `evt_${newId()}` } = {}) {
  const object = { id: objectId, object: 'payment_intent', amount: 1, status: 'succeeded' };
  const text = JSON.stringify({ id, object: 'event', type, data: { object } });
  return { id, body: Buffer.from(text), signature: stripeSignature(text, { secret: WEBHOOK_SECRET }) };
}

function inbox(eventId: string) {
  return shop.db.query(`SELECT deliveries, type, object_id FROM webhook_inbox WHERE event_id = $1`, [eventId]);
}

function open() {
  return shop.db.query<{ attempts: number; dueInMs: number; dead: boolean }>(
    `SELECT attempts, (extract(epoch FROM available_at - now()) * 1000)::float8 AS "dueInMs", dead_at IS NOT NULL AS dead
       FROM event_deliveries WHERE subscriber = 'webhooks'`,
  );
}

/** A payment that its customer has just authenticated, which we are told of fifty times at once. */
async function toldFiftyTimes() {
  const { payment } = await shop.pay({ paymentMethodId: 'pm_card_authenticationRequired' });
  const intent = payment.providerPaymentId ?? '';
  await shop.rig.door('POST', `/_sandbox/payment-intents/${intent}/authenticate`, { succeed: true });
  const hint = aHint(intent);
  await Promise.all(Array.from({ length: 50 }, () => shop.webhooks.receive(hint.body, hint.signature)));
  return { ...hint, payment, intent };
}

it('counts fifty copies at once in one row, and has its work done once', async () => {
  const { id, body, signature, payment, intent } = await toldFiftyTimes();

  expect(await inbox(id)).toEqual([{ deliveries: 50, type: 'payment_intent.succeeded', object_id: intent }]);
  expect(await shop.hear('webhooks')).toBe(1);
  expect((await shop.payments.get(payment.id)).status).toBe('succeeded');
  await shop.webhooks.receive(body, signature);
  expect(await shop.hear('webhooks')).toBe(0);
  expect(await inbox(id)).toMatchObject([{ deliveries: 51 }]);
});

it('control: where every copy is new, the work is there fifty times; the books still know better', async () => {
  await tampering.copiesAreStrangers(shop.db);
  const { payment } = await toldFiftyTimes();
  await tampering.mend(shop.db, 'webhook_inbox');
  await tampering.mend(shop.db, 'events');

  expect(await shop.hear('webhooks')).toBe(50);
  const { amount } = payment;
  expect(await books.bookedFor(shop.db, payment.id)).toEqual([
    `provider:stripe ${amount}`,
    `revenue:orders -${amount}`,
  ]);
});

it('believes no word of it but the name of the object', async () => {
  const { payment } = await shop.pay({ paymentMethodId: 'pm_card_authenticationRequired' });
  const { body, signature } = aHint(payment.providerPaymentId ?? '');

  await shop.webhooks.receive(body, signature);
  await shop.hear('webhooks');

  expect(await shop.payments.get(payment.id)).toMatchObject({ status: 'requires_action', capturedAmount: 0 });
  expect(await books.bookedFor(shop.db, payment.id)).toEqual([]);
});

it('stores nothing of what is not signed', async () => {
  const { id, body } = aHint('pi_1');
  const forged = stripeSignature(body.toString(), { secret: 'whsec_of_somebody_else' });

  await expect(shop.webhooks.receive(body, forged)).rejects.toBeInstanceOf(InvalidSignature);
  expect(await inbox(id)).toEqual([]);
});

it('has an orphan wait without an attempt, and closes it with an alarm when its hour is over', async () => {
  const intent = await shop.rig.stripe().paymentIntents.create({ amount: 500, currency: 'usd' });
  const { body, signature } = aHint(intent.id);
  await shop.webhooks.receive(body, signature);

  await shop.hear('webhooks');
  const [waiting] = await open();
  expect(waiting).toMatchObject({ attempts: 0, dead: false });
  expect(waiting?.dueInMs).toBeGreaterThan(20_000);
  expect(shop.alarms.raised).toEqual([]);

  await waitUntil(async () => (await shop.hear('webhooks')) === 0, { what: 'the orphan to be closed' });
  expect(shop.alarms.raised).toEqual(['webhook-orphan']);
  expect(await open()).toEqual([]);
});

it('finds the payment of an orphan that arrived before our own commit', async () => {
  const early = await shop.rig.stripe().paymentIntents.create({
    amount: 4_900,
    currency: 'usd',
    payment_method: 'pm_card_visa',
    confirm: true,
    return_url: 'https://shop.example',
    metadata: { payment_id: 'not-there-yet' },
  });
  const { body, signature } = aHint(early.id);
  await shop.webhooks.receive(body, signature);
  await shop.hear('webhooks');

  const payment = await shop.open();
  await shop.rig.stripe().paymentIntents.update(early.id, { metadata: { payment_id: payment.id } });
  await shop.hear('webhooks');

  expect(await shop.payments.get(payment.id)).toMatchObject({ status: 'succeeded', providerPaymentId: early.id });
  expect(await open()).toEqual([]);
});

it('counts an attempt where the provider does not answer, and makes no work of what is no payment’s', async () => {
  const { payment } = await shop.pay({ paymentMethodId: 'pm_card_authenticationRequired' });
  await shop.rig.arm({ op: 'payment_intents.retrieve', effect: 'status', status: 503 });
  const hint = aHint(payment.providerPaymentId ?? '');
  await shop.webhooks.receive(hint.body, hint.signature);
  await shop.hear('webhooks');
  expect(await open()).toMatchObject([{ attempts: 1, dead: false }]);
  await shop.rig.arm();
  await shop.hear('webhooks');

  const other = aHint('cus_1', { type: 'customer.created' });
  await shop.webhooks.receive(other.body, other.signature);
  expect(await inbox(other.id)).toMatchObject([{ type: 'customer.created' }]);
  expect(await shop.hear('webhooks')).toBe(0);

  expect(await open()).toEqual([]);
});
