import { expectStatus, newKey, type Client } from '../support/client.js';
import { type RunningShop, startShop } from '../support/running-shop.js';
import type { Fault } from '../support/sandbox.js';
import { tampering } from '../support/tampering.js';

jest.setTimeout(120_000);

// The provider's own list decides about what cannot be submitted any more: a hundred times sooner than in production.
const TIMERS = { RECOVERY_RESUBMIT_WINDOW_MS: '5000', RECOVERY_LIST_DELAY_MS: '600', RECOVERY_BACKOFF_MAX_MS: '1000' };
const CREATE = 'payment_intents.create';

let shop: RunningShop;
let anna: Client;

beforeAll(async () => {
  shop = await startShop({ env: TIMERS });
  anna = await shop.as('anna@purser.test');
  await shop.sandbox.webhooks({ lose: 1 });
});

afterAll(async () => {
  await shop?.stop();
});

/** Somebody pays while the provider misbehaves, and no webhook ever tells us how it went. */
async function payWhile(where: RunningShop, ...faults: Fault[]) {
  await where.sandbox.webhooks({ lose: 1 });
  const buyer = await where.as('anna@purser.test');
  const order = await where.order(buyer);
  await where.sandbox.misbehave(...faults);
  const key = newKey();
  const first = await buyer.pay(order.id, { key });
  return { buyer, order, key, first };
}

describe('the provider charges, and its reply is lost', () => {
  // Lost to both tries of the request, and to the first of recovery: only a later one hears the answer.
  const lost: Fault = { op: CREATE, effect: 'dropReply', times: 3 };

  it('is found by recovery under the same provider key: one capture, and the customer hears of it', async () => {
    const { order, key, first } = await payWhile(shop, lost);
    expect(first.status).toBe(202);
    expect(first.body).toMatchObject({ orderId: order.id, status: 'unknown' });
    expect(first.headers.get('location')).toBe(`/v1/payments/${first.body.id}`);

    const final = (await anna.payUntilFinal(order.id, { key })).at(-1);
    await shop.quiet();

    expect(final).toMatchObject({ status: 201, body: { id: first.body.id, status: 'succeeded' } });
    expect(final?.headers.get('idempotent-replayed')).toBe('true');
    expect(await shop.sandbox.hits()).toEqual([3]);
    expect(await replays(shop, order.id)).toBeGreaterThanOrEqual(1);
    expect(await shop.sandbox.captures({ orderId: order.id })).toHaveLength(1);
    expect(await shop.orderStatus(order.id)).toBe('completed');
    expect(await shop.violations()).toEqual({});
  });

  it('would be charged again under a fresh provider key per attempt (control)', async () => {
    const mutant = await startShop();
    try {
      await tampering.freshProviderKeyPerAttempt(mutant);
      const { buyer, order, key } = await payWhile(mutant, lost);
      await buyer.payUntilFinal(order.id, { key });
      await mutant.quiet();

      expect((await mutant.sandbox.captures({ orderId: order.id })).length).toBeGreaterThan(1);
      const {
        'orders captured twice': twice,
        'captures without a payment (stray money)': stray,
        ...books
      } = await mutant.violations();
      expect([twice, stray]).toEqual([1, expect.any(Number)]);
      // What makes this mutant dangerous: but for the provider's own account, everything looks right.
      expect(books).toEqual({ 'ledger and provider differ': 1 });
    } finally {
      await mutant.stop();
    }
  });
});

describe('the provider answers 500, and keeps answering it under that key', () => {
  const stored: Fault = { op: CREATE, effect: 'stored500', times: 1 };

  it('finds the charge that was made all the same in the provider’s list', async () => {
    const { order, key, first } = await payWhile(shop, stored);
    expect([first.status, first.body.status]).toEqual([202, 'unknown']);
    expect((await anna.pay(order.id)).body.code).toBe('payment-in-progress');

    const final = (await anna.payUntilFinal(order.id, { key })).at(-1);
    await shop.quiet();

    expect(final).toMatchObject({ status: 201, body: { id: first.body.id, status: 'succeeded' } });
    expect(await shop.sandbox.captures({ orderId: order.id })).toHaveLength(1);
    expect(await shop.violations()).toEqual({});
  });

  it('lets the customer pay again once the complete list shows that nothing was charged', async () => {
    const { order, key, first } = await payWhile(shop, { ...stored, before: true });
    expect([first.status, first.body.status]).toEqual([202, 'unknown']);

    const final = (await anna.payUntilFinal(order.id, { key })).at(-1);

    expect(final).toMatchObject({ status: 402, body: { code: 'payment-refused' } });
    expect(await shop.sandbox.captures({ orderId: order.id })).toEqual([]);
    expect(await shop.orderStatus(order.id)).toBe('pending');
    expectStatus(await anna.pay(order.id), 201);
    await shop.quiet();
    expect((await shop.payments(order.id)).map(({ status }) => status)).toEqual(['failed', 'succeeded']);
    expect(await shop.sandbox.captures({ orderId: order.id })).toHaveLength(1);
    expect(await shop.violations()).toEqual({});
  });

  it('would charge twice if a 500 were taken for a refusal (control)', async () => {
    const mutant = await startShop();
    try {
      await tampering.unknownIsFailed(mutant);
      const { buyer, order, first } = await payWhile(mutant, stored);
      expect(first.status).toBe(402);
      expectStatus(await buyer.pay(order.id), 201);
      await mutant.quiet();

      expect(await mutant.sandbox.captures({ orderId: order.id })).toHaveLength(2);
      expect(await mutant.violations()).toMatchObject({ 'orders captured twice': 1 });
    } finally {
      await mutant.stop();
    }
  });
});

/** How often the provider answered from its memory: the coverage of these stories. */
async function replays(where: RunningShop, orderId: string): Promise<number> {
  const journal = await where.sandbox.journal();
  return journal.filter(({ outcome, metadata }) => outcome === 'replayed' && metadata['order_id'] === orderId).length;
}
