import { expectStatus, newKey, type Client } from '../support/client.js';
import { type RunningShop, startShop } from '../support/running-shop.js';

jest.setTimeout(120_000);

let shop: RunningShop;
let anna: Client;

beforeAll(async () => {
  shop = await startShop();
  anna = await shop.as('anna@purser.test');
});

afterAll(async () => {
  await shop?.stop();
});

afterEach(async () => {
  await shop.quiet();
  expect(await shop.violations()).toEqual({});
});

/** The token of the newest letter's link. */
async function mailedToken(email: string): Promise<string> {
  const letter = await shop.waitUntil(async () => (await shop.sandbox.messages(email)).at(-1), {
    what: `a letter to ${email}`,
  });
  return /token=([^\s"&<]+)/.exec(letter.text)?.[1] ?? '';
}

it('leads a stranger from an address to a paid order and its receipt', async () => {
  const email = 'carla@example.test';
  const login = { body: { email, password: 'a long enough password' } };
  const { visitor } = shop;

  expect((await visitor.post('/v1/auth/register', login)).status).toBe(202);
  const early = await visitor.post('/v1/auth/login', login);
  expect([early.status, early.body.code]).toEqual([401, 'invalid-credentials']);
  const token = await mailedToken(email);
  expect((await visitor.post('/v1/auth/verify-email', { body: { token } })).status).toBe(204);
  const carla = await shop.as(email, login.body.password);

  const product = await shop.product({ stock: 5, unitAmount: 1_250 });
  const order = await carla.place([{ productId: product.id, quantity: 2 }]);
  expect(order).toMatchObject({ status: 'pending', totalAmount: 2_500, currency: 'USD' });
  const paid = expectStatus(await carla.pay(order.id), 201).body;
  expect(paid).toMatchObject({ orderId: order.id, status: 'succeeded', amount: 2_500, currency: 'USD' });
  expect((await carla.get(`/v1/orders/${order.id}`)).body.status).toBe('completed');
  await shop.quiet();

  const letters = await shop.sandbox.messages(email);
  const receipt = letters.filter(({ text }) => text.includes(paid.id) || text.includes(order.id)).at(-1);
  expect(receipt?.text).toContain('25.00');
  const receipts = await shop.query(`SELECT status FROM notifications WHERE order_id = $1 AND kind = $2`, [
    order.id,
    'payment-receipt',
  ]);
  expect(receipts).toEqual([{ status: 'sent' }]);

  const entries = await shop.query(
    `SELECT kind, account, currency, amount::integer FROM ledger_entries AS e
       JOIN ledger_transactions AS t ON t.id = e.transaction_id WHERE t.source_id = $1 ORDER BY kind, account`,
    [paid.id],
  );
  expect(entries).toEqual([
    { kind: 'capture', account: 'provider:stripe', currency: 'USD', amount: 2_500 },
    { kind: 'capture', account: 'revenue:orders', currency: 'USD', amount: -2_500 },
    { kind: 'fee', account: 'fees:stripe', currency: 'USD', amount: 103 },
    { kind: 'fee', account: 'provider:stripe', currency: 'USD', amount: -103 },
  ]);
  const captures = await shop.sandbox.captures({ orderId: order.id });
  expect(captures).toMatchObject([{ amount: 2_500, currency: 'USD', metadata: { payment_id: paid.id } }]);
  expect((await visitor.get(`/v1/products/${product.id}`)).body.available).toBe(3);

  const timeline = await carla.get(`/v1/orders/${order.id}/timeline`);
  const events = timeline.body.data.map(({ event }) => event);
  expect(events.filter((event) => !event.startsWith('notification.'))).toEqual([
    'order.placed',
    'payment.submitted',
    'payment.succeeded',
    'order.completed',
  ]);
});

it.each([
  ['pm_card_chargeDeclined', 'generic_decline'],
  ['pm_card_chargeDeclinedInsufficientFunds', 'insufficient_funds'],
  ['pm_card_chargeDeclinedLostCard', 'lost_card'],
  ['pm_card_chargeDeclinedStolenCard', 'stolen_card'],
  ['pm_card_chargeDeclinedExpiredCard', 'expired_card'],
  ['pm_card_chargeDeclinedIncorrectCvc', 'incorrect_cvc'],
  ['pm_card_chargeDeclinedProcessingError', 'processing_error'],
  ['pm_card_chargeDeclinedFraudulent', 'fraudulent'],
  ['pm_card_radarBlock', 'fraudulent'],
])('tells that %s was declined as %s, and lets another card pay', async (card, declineCode) => {
  const order = await shop.order(anna);
  const key = newKey();

  const declined = await anna.pay(order.id, { card, key });

  expect(declined.status).toBe(402);
  expect(declined.headers.get('content-type')).toContain('application/problem+json');
  expect(declined.body).toMatchObject({ code: 'card-declined', declineCode });
  expect(await shop.orderStatus(order.id)).toBe('pending');
  const again = await anna.pay(order.id, { card, key });
  expect([again.status, again.text]).toEqual([402, declined.text]);
  expect(again.headers.get('idempotent-replayed')).toBe('true');
  await shop.quiet();
  const [failed] = await shop.payments(order.id);
  expect(failed).toMatchObject({ status: 'failed', captured_amount: 0 });
  // Left alone, it could still be paid with the client's secret.
  expect(await shop.sandbox.intent(failed?.provider_payment_id ?? '')).toMatchObject({ status: 'canceled' });

  expectStatus(await anna.pay(order.id), 201);
  expect(await shop.orderStatus(order.id)).toBe('completed');
  expect((await shop.payments(order.id)).map(({ status }) => status)).toEqual(['failed', 'succeeded']);
  expect(await shop.sandbox.captures({ orderId: order.id })).toHaveLength(1);
});

it('waits for the customer to authenticate, and is completed by the webhook', async () => {
  const order = await shop.order(anna);
  const payment = { card: 'pm_card_authenticationRequired', returnUrl: 'https://shop.example/thanks', key: newKey() };
  const asked = expectStatus(await anna.pay(order.id, payment), 201);
  expect(asked.body).toMatchObject({ status: 'requires_action', nextAction: { type: 'redirect' } });
  expect(asked.body.nextAction?.url).toMatch(/^http/);
  expect(await shop.orderStatus(order.id)).toBe('pending');
  expect(await shop.sandbox.captures({ orderId: order.id })).toEqual([]);

  const [waiting] = await shop.payments(order.id);
  await shop.sandbox.authenticate(waiting?.provider_payment_id ?? '');
  await shop.waitUntil(async () => (await shop.orderStatus(order.id)) === 'completed', {
    what: 'the order to complete',
  });

  expect(await shop.payments(order.id)).toMatchObject([{ id: asked.body.id, status: 'succeeded', checks: 0 }]);
  expect((await anna.pay(order.id, payment)).text).toBe(asked.text);
});

it('takes a failed authentication for a refusal, and lets another card pay', async () => {
  const order = await shop.order(anna);
  expectStatus(await anna.pay(order.id, { card: 'pm_card_authenticationRequired' }), 201);
  const [waiting] = await shop.payments(order.id);

  await shop.sandbox.authenticate(waiting?.provider_payment_id ?? '', false);
  await shop.waitUntil(async () => (await shop.payments(order.id))[0]?.status === 'failed', { what: 'the refusal' });

  expect(await shop.orderStatus(order.id)).toBe('pending');
  expectStatus(await anna.pay(order.id), 201);
  expect(await shop.orderStatus(order.id)).toBe('completed');
});
