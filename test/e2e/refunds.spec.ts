import { type Client, expectStatus, newKey } from '../support/client.js';
import { expectRefused } from '../support/refusals.js';
import { type RunningShop, startShop } from '../support/running-shop.js';
import { tampering } from '../support/tampering.js';

jest.setTimeout(120_000);

const CREATE = 'refunds.create';
const PART = 500;

let shop: RunningShop;
/** Recovery asks for a refund under a new provider key each time. */
let mutant: RunningShop;

beforeAll(async () => {
  shop = await startShop();
  mutant = await startShop();
  await tampering.freshRefundKeyPerAttempt(mutant);
});

afterAll(async () => {
  await Promise.all([shop?.stop(), mutant?.stop()]);
});

/** An order that is paid, and somebody of support. */
async function paidOrder(where: RunningShop) {
  const [anna, support] = await Promise.all([where.as('anna@purser.test'), where.as('support@purser.test')]);
  const order = await where.order(anna);
  const payment = expectStatus(await anna.pay(order.id), 201).body;
  await where.quiet();
  return { anna, support, order, payment, path: `/v1/payments/${payment.id}/refunds` };
}

function refund(by: Client, path: string, { key = newKey(), ...body }: { key?: string; amount?: number } = {}) {
  return by.post(path, { key, body: { reason: 'arrived broken', ...body } });
}

/** As a careful client does it: the same key again until the outcome is known. */
async function refundUntilFinal(by: Client, path: string, asked: { key: string; amount?: number }) {
  return shop.waitUntil(
    async () => {
      const reply = await refund(by, path, asked);
      return reply.status === 201 ? reply : undefined;
    },
    { what: 'the refund to be known' },
  );
}

async function given(where: RunningShop, paymentId: string) {
  const journal = await where.sandbox.journal();
  return journal.filter(({ outcome, metadata }) => outcome === 'refunded' && metadata['payment_id'] === paymentId);
}

describe('support gives money back', () => {
  it('in parts, down to the customer’s mailbox and the order’s timeline', async () => {
    const { anna, support, order, payment, path } = await paidOrder(shop);

    const part = expectStatus(await refund(support, path, { amount: PART }), 201);
    const rest = expectStatus(await refund(support, path), 201);
    await shop.quiet();

    expect(part.body).toMatchObject({ status: 'succeeded', amount: PART, currency: order.currency });
    expect(rest.body).toMatchObject({ status: 'succeeded', amount: order.totalAmount - PART });
    expect((await support.get(path)).body.data.map(({ id }) => id)).toEqual([rest.body.id, part.body.id]);
    expect((await given(shop, payment.id)).map(({ amount }) => amount)).toEqual([PART, order.totalAmount - PART]);
    expect((await anna.get(`/v1/payments/${payment.id}`)).body).toMatchObject({
      status: 'succeeded',
      refundedAmount: order.totalAmount,
    });
    const timeline = (await anna.get(`/v1/orders/${order.id}/timeline?limit=100`)).body.data;
    const events = timeline.map(({ event }) => event).filter((event) => event.startsWith('refund.'));
    expect(events).toEqual(['refund.submitted', 'refund.succeeded', 'refund.submitted', 'refund.succeeded']);
    const letters = (await shop.sandbox.messages('anna@purser.test')).filter(
      ({ subject, text }) => subject === 'Your refund' && text.includes(order.id),
    );
    expect(letters.map(({ text }) => text.includes('5.00 USD'))).toEqual(expect.arrayContaining([true, false]));
    expect(letters).toHaveLength(2);
    expect(await shop.violations()).toEqual({});
  });

  it('and nobody else: not the customer, not in another currency, not more than is left, not what does not exist', async () => {
    const { anna, support, payment, order, path } = await paidOrder(shop);
    const body = { reason: 'arrived broken' };
    const key = newKey();
    const more = { ...body, amount: order.totalAmount + 1 };

    await expectRefused(shop, () => refund(anna, path), { status: 403, code: 'forbidden' });
    await expectRefused(shop, () => anna.get(path), { status: 403, code: 'forbidden' });
    await expectRefused(shop, () => support.post(path, { body }), { status: 400, code: 'idempotency-key-required' });
    for (const [wrong, pointer] of [
      [{ ...body, currency: 'EUR' }, '#/currency'],
      [{ ...body, amount: 0 }, '#/amount'],
      [{ ...body, amount: 1.5 }, '#/amount'],
      [{ amount: PART }, '#/reason'],
    ] as const) {
      const refusal = { status: 400, code: 'invalid-request', pointer };
      await expectRefused(shop, () => support.post(path, { key, body: wrong }), refusal);
    }
    const tooMuch = { status: 409, code: 'refund-exceeds-captured' };
    const reply = await expectRefused(shop, () => support.post(path, { key, body: more }), tooMuch);
    expect(reply.body).toMatchObject({ asked: order.totalAmount + 1, left: order.totalAmount });
    const nobodys = `/v1/payments/${order.id}/refunds`;
    await expectRefused(shop, () => refund(support, nobodys), { status: 404, code: 'payment-not-found' });
    await expectRefused(shop, () => support.get(nobodys), { status: 404, code: 'payment-not-found' });
    expect(await given(shop, payment.id)).toEqual([]);
  });
});

describe('the provider gives back, and its reply is lost', () => {
  // Lost to both tries of the request, and to the first of recovery.
  const lost = { op: CREATE, effect: 'dropReply', times: 3 } as const;

  async function refundedWhileSilent(where: RunningShop) {
    const paid = await paidOrder(where);
    await where.sandbox.webhooks({ lose: 1 });
    await where.sandbox.misbehave(lost);
    const key = newKey();
    const first = await refund(paid.support, paid.path, { key, amount: PART });
    expect([first.status, first.body.status]).toEqual([202, 'unknown']);
    expect(first.headers.get('location')).toBe(paid.path);
    return { ...paid, key };
  }

  it('is found under the same provider key: given back once, and support hears of it', async () => {
    const { support, payment, path, key } = await refundedWhileSilent(shop);
    expect((await support.get(`/v1/payments/${payment.id}`)).body).toMatchObject({ refundedAmount: PART });

    const final = await refundUntilFinal(support, path, { key, amount: PART });
    await shop.sandbox.webhooks({});
    await shop.quiet();

    expect(final.body).toMatchObject({ status: 'succeeded', amount: PART });
    expect(final.headers.get('idempotent-replayed')).toBe('true');
    expect(await shop.sandbox.hits()).toEqual([3]);
    expect(await given(shop, payment.id)).toHaveLength(1);
    expect(await shop.violations()).toEqual({});
  });

  it('would be given back again under a fresh provider key per attempt (control)', async () => {
    const { payment } = await refundedWhileSilent(mutant);
    await mutant.quiet();

    expect((await given(mutant, payment.id)).length).toBeGreaterThan(1);
    // But for the provider's own account, everything looks right.
    expect(await mutant.violations()).toEqual({
      'refunds that are not in the books (stray)': expect.any(Number),
      'refunded twice': 1,
      'ledger and provider differ': 1,
    });
  });
});

describe('the process dies while a refund is under way', () => {
  it.each([
    ['before the provider has given it back', {}],
    ['after the provider has given it back', { after: true }],
  ])('the web server, %s', async (_when, hold) => {
    const { support, payment, path } = await paidOrder(shop);
    await shop.sandbox.webhooks({ lose: 1 });
    await shop.sandbox.misbehave({ op: CREATE, effect: 'delay', ms: 60_000, times: 1, ...hold });
    const key = newKey();
    const broken = refund(support, path, { key, amount: PART });
    await shop.waitUntil(async () => (await shop.sandbox.hits())[0] === 1, { what: 'the provider to be asked' });
    await shop.kill('web');
    expect((await broken).status).toBe(0);
    await shop.sandbox.behave();
    await shop.start('web');

    const final = await refundUntilFinal(support, path, { key, amount: PART });
    await shop.sandbox.webhooks({});
    await shop.quiet();

    expect(final.body).toMatchObject({ status: 'succeeded', amount: PART });
    expect(await given(shop, payment.id)).toHaveLength(1);
    expect(await shop.violations()).toEqual({});
  });

  it('the worker, in the middle of recovering it', async () => {
    const { support, payment, path } = await paidOrder(shop);
    await shop.sandbox.webhooks({ lose: 1 });
    await shop.sandbox.misbehave({ op: CREATE, effect: 'reset', times: 2 });
    const key = newKey();
    expectStatus(await refund(support, path, { key, amount: PART }), 202);
    await shop.sandbox.misbehave({ op: CREATE, effect: 'delay', ms: 60_000, times: 1, after: true });
    await shop.waitUntil(async () => (await shop.sandbox.hits())[0] === 1, { what: 'recovery to ask the provider' });
    await shop.kill('worker');
    await shop.sandbox.behave();
    await shop.start('worker');

    const final = await refundUntilFinal(support, path, { key, amount: PART });
    await shop.sandbox.webhooks({});
    await shop.quiet();

    expect(final.body).toMatchObject({ status: 'succeeded' });
    expect(await given(shop, payment.id)).toHaveLength(1);
    expect(await shop.violations()).toEqual({});
  });
});
