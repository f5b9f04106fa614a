import { type Client, expectStatus, newKey, type Reply } from '../support/client.js';
import { expectRefused } from '../support/refusals.js';
import { type RunningShop, startShop } from '../support/running-shop.js';

jest.setTimeout(120_000);

const ANNA = 'anna@purser.test';
const PRICE = 1_490;

let shop: RunningShop;
/** Gives an unpaid order two seconds, and a transfer four. */
let hasty: RunningShop;
let anna: Client;
let admin: Client;

beforeAll(async () => {
  const env = { ORDER_TTL_SECONDS: '2', AWAITING_CONFIRMATION_TTL_SECONDS: '4' };
  shop = await startShop();
  hasty = await startShop({ env });
  anna = await shop.as(ANNA);
  admin = await shop.as('admin@purser.test');
});

afterAll(async () => {
  await Promise.all([shop?.stop(), hasty?.stop()]);
});

type Method = 'bank_transfer' | 'cash_on_delivery';

function payBy(paymentMethod: Method, orderId: string, { by = anna, key = newKey() } = {}): Promise<Reply> {
  return by.post(`/v1/orders/${orderId}/payments`, { key, body: { paymentMethod } });
}

interface Confirmed {
  readonly key?: string;
  readonly by?: Client;
  readonly reference?: string;
  readonly receivedAmount?: number;
}

function confirm(paymentId: string, { key = newKey(), by = admin, ...body }: Confirmed) {
  const money = { reference: newKey(), receivedAmount: PRICE, ...body };
  return by.post(`/v1/payments/${paymentId}/confirm`, { key, body: money });
}

function booked(paymentId: string) {
  return shop.query(
    `SELECT account, currency, amount::integer FROM ledger_entries AS e
       JOIN ledger_transactions AS t ON t.id = e.transaction_id WHERE t.source_id = $1 ORDER BY account`,
    [paymentId],
  );
}

async function stockOf(where: RunningShop, productId: string): Promise<number | undefined> {
  const sql = `SELECT stock_on_hand AS stock FROM products WHERE id = $1`;
  return (await where.query<{ stock: number }>(sql, [productId]))[0]?.stock;
}

describe.each([
  ['bank_transfer', 'bank', { type: 'transfer', reference: expect.stringMatching(/^PUR(-[0-9A-F]{4}){3}$/) }],
  ['cash_on_delivery', 'cash', null],
] as const)('an order paid by %s', (method, account, nextAction) => {
  it('waits for an operator, is completed by him, and ends with a receipt', async () => {
    const order = await shop.order(anna);
    const waiting = expectStatus(await payBy(method, order.id), 201).body;
    expect(waiting).toMatchObject({
      status: 'awaiting_confirmation',
      amount: PRICE,
      paymentMethod: method,
      nextAction,
    });
    expect(await shop.orderStatus(order.id)).toBe('pending');
    expect((await anna.pay(order.id)).body.code).toBe('payment-in-progress');

    const key = newKey();
    const reference = `${account}-${order.id}`;
    const paid = expectStatus(await confirm(waiting.id, { key, reference }), 200);
    expect(paid.body).toMatchObject({ id: waiting.id, status: 'succeeded' });
    const again = expectStatus(await confirm(waiting.id, { key, reference }), 200);
    expect([again.text, again.headers.get('idempotent-replayed')]).toEqual([paid.text, 'true']);

    expect(await shop.orderStatus(order.id)).toBe('completed');
    expect(await booked(waiting.id)).toEqual([
      { account, currency: 'USD', amount: PRICE },
      { account: 'revenue:orders', currency: 'USD', amount: -PRICE },
    ]);
    await shop.quiet();
    const letters = await shop.sandbox.messages(ANNA);
    expect(letters.filter(({ text }) => text.includes(`Payment ${waiting.id}`))).toMatchObject([
      { text: expect.stringContaining('your payment of 14.90 USD') },
    ]);
    expect(await shop.sandbox.captures({ orderId: order.id })).toEqual([]);
    expect(await shop.violations()).toEqual({});
  });

  it('is not completed by a wrong amount, a used reference, a customer or support', async () => {
    const [order, other] = [await shop.order(anna), await shop.order(anna)];
    const { id } = expectStatus(await payBy(method, order.id), 201).body;
    const { id: otherId } = expectStatus(await payBy(method, other.id), 201).body;
    const reference = newKey();
    expectStatus(await confirm(otherId, { reference }), 200);
    await shop.quiet();

    const refused = (body: Confirmed, status: number, code: string) =>
      expectRefused(shop, () => confirm(id, body), { status, code });
    await refused({ receivedAmount: PRICE - 1 }, 409, 'amount-differs');
    await refused({ reference }, 409, 'reference-used');
    await refused({ by: anna }, 403, 'forbidden');
    await refused({ by: await shop.as('support@purser.test') }, 403, 'forbidden');
    await refused({ receivedAmount: 0 }, 400, 'invalid-request');
    await refused({ reference: 'two words' }, 400, 'invalid-request');

    expectStatus(await confirm(id, {}), 200);
    await shop.quiet();
    await refused({}, 409, 'payment-not-awaiting-confirmation');
    expect(await shop.violations()).toEqual({});
  });

  it('can be given up: its payment alone, or with its order, which then takes no money', async () => {
    const product = await shop.product({ stock: 5 });
    const order = await anna.place([{ productId: product.id, quantity: 2 }]);
    const first = expectStatus(await payBy(method, order.id), 201).body;
    const cancelled = expectStatus(await anna.post(`/v1/payments/${first.id}/cancel`), 200).body;
    expect(cancelled.status).toBe('cancelled');
    const second = expectStatus(await payBy(method, order.id), 201).body;

    expectStatus(await anna.post(`/v1/orders/${order.id}/cancel`), 200);

    expect((await shop.payments(order.id)).map(({ status }) => status)).toEqual(['cancelled', 'cancelled']);
    expect(await stockOf(shop, product.id)).toBe(5);
    await shop.quiet();
    const late = () => confirm(second.id, { receivedAmount: 2 * PRICE });
    await expectRefused(shop, late, { status: 409, code: 'payment-not-awaiting-confirmation' });
    const again = () => payBy(method, order.id);
    await expectRefused(shop, again, { status: 409, code: 'order-not-payable' });
  });
});

describe('an order nobody pays in time', () => {
  async function placed() {
    const buyer = await hasty.as(ANNA);
    const product = await hasty.product({ stock: 3 });
    const order = await buyer.place([{ productId: product.id, quantity: 2 }]);
    return { buyer, order, stock: () => stockOf(hasty, product.id) };
  }

  const isCancelled = (id: string) => async () => (await hasty.orderStatus(id)) === 'cancelled';

  it('expires, gives its stock back once, and cannot be paid', async () => {
    const { buyer, order, stock } = await placed();
    expect(await stock()).toBe(1);

    await hasty.waitUntil(isCancelled(order.id), { what: 'the order to expire' });
    await hasty.quiet();

    expect(await stock()).toBe(3);
    await expectRefused(hasty, () => buyer.pay(order.id), { status: 409, code: 'order-not-payable' });
    const timeline = await buyer.get(`/v1/orders/${order.id}/timeline`);
    expect(timeline.body.data.at(-1)).toMatchObject({ event: 'order.cancelled', facts: { reason: 'expired' } });
    expect(await hasty.violations()).toEqual({});
  });

  it('is given more time for a transfer, and expires together with it', async () => {
    const { buyer, order, stock } = await placed();
    const { id } = expectStatus(await payBy('bank_transfer', order.id, { by: buyer }), 201).body;
    const longer = (await buyer.get(`/v1/orders/${order.id}`)).body;
    expect(Date.parse(longer.expiresAt) - Date.parse(order.expiresAt)).toBeGreaterThan(1_500);

    await hasty.waitUntil(isCancelled(order.id), { what: 'the order to expire' });
    await hasty.quiet();

    expect((await hasty.payments(order.id)).map(({ status }) => status)).toEqual(['cancelled']);
    expect(await stock()).toBe(3);
    const operator = await hasty.as('admin@purser.test');
    const late = () => confirm(id, { by: operator, receivedAmount: 2 * PRICE });
    await expectRefused(hasty, late, { status: 409, code: 'payment-not-awaiting-confirmation' });
    expect(await hasty.violations()).toEqual({});
  });

  it('is left alone while a card waits for its customer, and completed when he comes', async () => {
    const { buyer, order, stock } = await placed();
    expectStatus(await buyer.pay(order.id, { card: 'pm_card_authenticationRequired' }), 201);
    const other = await placed();
    await hasty.waitUntil(isCancelled(other.order.id), { what: 'a younger order to expire' });
    expect(await hasty.orderStatus(order.id)).toBe('pending');

    const [payment] = await hasty.payments(order.id);
    await hasty.sandbox.authenticate(payment?.provider_payment_id ?? '');
    const isCompleted = async () => (await hasty.orderStatus(order.id)) === 'completed';
    await hasty.waitUntil(isCompleted, { what: 'the order to complete' });

    expect(await stock()).toBe(1);
    await hasty.quiet();
    expect(await hasty.violations()).toEqual({});
  });
});
