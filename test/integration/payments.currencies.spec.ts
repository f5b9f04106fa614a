import type { PayOrder } from '../../src/domains/payments/checkout/payments.dto.js';
import { AmountNotChargeable } from '../../src/domains/payments/payment.errors.js';
import { aProduct, anOrder, aUser } from './orders.fixture.js';
import * as books from './payments.books.js';
import { keyed, PaymentDesk } from './payments.support.js';

jest.setTimeout(60_000);

let shop: PaymentDesk;

beforeAll(async () => {
  shop = await PaymentDesk.open();
});

afterAll(async () => {
  await shop?.close();
});

/** An order over this amount, and an attempt to pay it. */
async function paid(unitAmount: number, currency: string, command: Partial<PayOrder> = {}) {
  const user = await aUser(shop.db);
  const { id: productId } = await aProduct(shop.desk, { stock: 1, unitAmount, currency });
  const { body } = await anOrder(shop.desk, user.id, { items: [{ productId, quantity: 1 }] });
  return shop.pay(command, { order: { id: body.id, user } });
}

it.each([
  [500, 'JPY', 500],
  [700, 'ISK', 70_000],
  [5_120, 'KWD', 5_120],
  [1_200, 'MGA', 12],
])('charges %d %s in the unit Stripe counts in, and books it in ours', async (amount, currency, atStripe) => {
  const { payment, reply } = await paid(amount, currency);

  expect([reply.status, payment.status, payment.capturedAmount]).toEqual([201, 'succeeded', amount]);
  const intent = await shop.rig.stripe().paymentIntents.retrieve(payment.providerPaymentId ?? '');
  expect([intent.amount_received, intent.currency]).toEqual([atStripe, currency.toLowerCase()]);
  expect(await books.bookedFor(shop.db, payment.id)).toEqual([
    `provider:stripe ${amount}`,
    `revenue:orders -${amount}`,
  ]);
});

it.each([
  [5_124, 'KWD', 'amount-not-chargeable'],
  [1_250, 'MGA', 'amount-not-chargeable'],
  [50_000, 'UGX', 'currency-not-chargeable'],
])('refuses %d %s by card before anybody is asked, and takes it another way', async (amount, currency, reason) => {
  const { payment, reply, order } = await paid(amount, currency);

  expect(reply).toMatchObject({ status: 402, body: { code: 'payment-refused', reason } });
  expect(payment).toMatchObject({ status: 'failed', providerPaymentId: null });
  expect(await shop.done(payment)).toEqual([]);
  const other = await shop.pay({ paymentMethod: 'cash_on_delivery' }, { order });
  expect([other.reply.status, other.payment.status]).toEqual([201, 'awaiting_confirmation']);
});

it('refuses to capture a part that Stripe could not take, and captures one that it can', async () => {
  const { payment } = await paid(5_120, 'KWD', { captureMethod: 'manual' });
  const capture = (amount: number) => shop.captures.capture(payment.id, keyed(payment.userId), amount);

  await expect(capture(1_001)).rejects.toBeInstanceOf(AmountNotChargeable);
  expect(await shop.payments.get(payment.id)).toMatchObject({ status: 'authorized', captureRequest: null });

  expect(await capture(1_010)).toMatchObject({ body: { status: 'succeeded', capturedAmount: 1_010 } });
});
