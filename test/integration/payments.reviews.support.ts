import type { Payment } from '../../src/domains/payments/payment.entity.js';
import { type PaymentDesk, PRICE } from './payments.support.js';

/** What Stripe has of a payment whose answer never reached us. */
export function atStripe(
  shop: PaymentDesk,
  { id, orderId }: Payment,
  options: { amount?: number; card?: string } = {},
) {
  const { amount = PRICE, card = 'pm_card_visa' } = options;
  return shop.rig.stripe().paymentIntents.create({
    amount,
    currency: 'usd',
    payment_method: card,
    confirm: true,
    return_url: 'https://shop.example/back',
    metadata: { payment_id: id, order_id: orderId },
  });
}

/** Nobody could tell for 23 hours what became of it. */
export async function anUndecided(
  shop: PaymentDesk,
  prepare: (payment: Payment) => Promise<unknown> = async () => undefined,
): Promise<Payment> {
  const payment = await shop.open();
  await prepare(payment);
  await shop.rig.arm({ op: 'payment_intents.list', effect: 'status', status: 503 });
  await shop.age(payment, { first: '24 hours' });
  const given = await shop.recovered(payment);
  await shop.rig.arm();
  expect(given.status).toBe('needs_review');
  return given;
}
