import { expectStatus, newKey } from '../support/client.js';
import { type RunningShop, startShop } from '../support/running-shop.js';
import { tampering } from '../support/tampering.js';

jest.setTimeout(120_000);

// Nothing is submitted a second time, and the provider's list is believed after a second instead of a minute.
const env = { RECOVERY_RESUBMIT_WINDOW_MS: '1', RECOVERY_LIST_DELAY_MS: '1000', RECOVERY_FIRST_CHECK_MS: '2500' };

let shop: RunningShop;
/** Books the late money, and keeps it. */
let greedy: RunningShop;

beforeAll(async () => {
  shop = await startShop({ env });
  greedy = await startShop({ env });
  await tampering.lateMoneyIsKept(greedy);
});

afterAll(async () => {
  await Promise.all([shop?.stop(), greedy?.stop()]);
});

/** The provider sits on the first request until the shop has given it up and was paid by another card. */
async function twicePaid(where: RunningShop) {
  const buyer = await where.as('anna@purser.test');
  const order = await where.order(buyer);
  const key = newKey();
  await where.sandbox.misbehave({ op: 'payment_intents.create', effect: 'delay', ms: 60_000, times: 1 });
  const lost = await buyer.pay(order.id, { key });
  expect([lost.status, lost.body.status]).toEqual([202, 'unknown']);
  const givenUp = (await buyer.payUntilFinal(order.id, { key })).at(-1);
  expect(givenUp).toMatchObject({ status: 402, body: { code: 'payment-refused' } });
  const second = expectStatus(await buyer.pay(order.id, { card: 'pm_card_mastercard' }), 201).body;
  expect(await where.sandbox.captures({ orderId: order.id })).toHaveLength(1);

  await where.sandbox.behave();
  const isThere = async () => (await where.sandbox.captures({ orderId: order.id })).length === 2;
  await where.waitUntil(isThere, { what: 'the first charge to happen after all' });
  await where.waitUntil(async () => (await where.payments(order.id))[0]?.status === 'late_succeeded', {
    what: 'the late success to be settled',
  });
  await where.quiet();
  return { order, key, first: lost.body, second, buyer, givenUp };
}

it('books a success that comes after a second payment, and gives it back', async () => {
  const { order, key, first, second, buyer, givenUp } = await twicePaid(shop);

  expect(await shop.payments(order.id)).toMatchObject([
    { id: first.id, status: 'late_succeeded', captured_amount: order.totalAmount, refunded_amount: order.totalAmount },
    { id: second.id, status: 'succeeded', captured_amount: order.totalAmount, refunded_amount: 0 },
  ]);
  const refunds = await shop.query(
    `SELECT payment_id, amount::integer, currency, status FROM refunds WHERE payment_id = ANY ($1)`,
    [[first.id, second.id]],
  );
  expect(refunds).toEqual([
    { payment_id: first.id, amount: order.totalAmount, currency: order.currency, status: 'succeeded' },
  ]);
  const booked = await shop.query<{ source_id: string; amount: number }>(
    `SELECT t.source_id, e.amount::integer FROM ledger_transactions AS t
       JOIN ledger_entries AS e ON e.transaction_id = t.id AND e.account = 'provider:stripe'
      WHERE t.kind = 'capture' AND t.source_id = ANY ($1) ORDER BY t.source_id`,
    [[first.id, second.id]],
  );
  expect(booked).toEqual([
    { source_id: first.id, amount: order.totalAmount },
    { source_id: second.id, amount: order.totalAmount },
  ]);
  const events = await shop.query<{ name: string }>(
    `SELECT name FROM events WHERE order_id = $1 AND (stream = $2 OR name LIKE 'refund.%') ORDER BY occurred_at, id`,
    [order.id, `payment-${first.id}`],
  );
  expect(events.map(({ name }) => name)).toEqual([
    'payment.submitted',
    'payment.unknown',
    'payment.failed',
    'payment.late-succeeded',
    'refund.requested',
    'refund.submitted',
    'refund.succeeded',
  ]);
  const given = (await shop.sandbox.journal()).filter(({ outcome }) => outcome === 'refunded');
  expect(given).toMatchObject([{ amount: order.totalAmount, metadata: { payment_id: first.id } }]);
  const letters = (await shop.sandbox.messages('anna@purser.test')).filter(({ subject }) => subject === 'Your refund');
  expect(letters).toHaveLength(1);
  expect(await shop.orderStatus(order.id)).toBe('completed');
  // What the customer was told under the first key stays said.
  expect((await buyer.pay(order.id, { key })).text).toBe(givenUp?.text);
  expect(await shop.violations()).toEqual({});
});

it('completes the order with a late success when nobody has paid again', async () => {
  const buyer = await shop.as('ben@purser.test');
  const order = await shop.order(buyer);
  const key = newKey();
  await shop.sandbox.misbehave({ op: 'payment_intents.create', effect: 'delay', ms: 60_000, times: 1 });
  expect((await buyer.pay(order.id, { key })).status).toBe(202);
  expect((await buyer.payUntilFinal(order.id, { key })).at(-1)?.status).toBe(402);
  expect(await shop.orderStatus(order.id)).toBe('pending');

  await shop.sandbox.behave();
  const isCompleted = async () => (await shop.orderStatus(order.id)) === 'completed';
  await shop.waitUntil(isCompleted, { what: 'the order to complete' });

  await shop.quiet();
  expect((await shop.payments(order.id)).map(({ status }) => status)).toEqual(['succeeded']);
  expect(await shop.sandbox.captures({ orderId: order.id })).toHaveLength(1);
  expect(await shop.violations()).toEqual({});
});

it('would keep the customer’s money twice without the refund (control)', async () => {
  const { order } = await twicePaid(greedy);

  expect(await greedy.sandbox.captures({ orderId: order.id })).toHaveLength(2);
  expect(await greedy.violations()).toEqual({
    'late successes without their refund': 1,
    'reservations that are not the sum of their refunds': 1,
  });
});
