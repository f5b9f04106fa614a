import { expectStatus, newKey, untilFinal } from '../../../test/support/client.js';
import { type Arena, captured, countOf, CROWD, type Race, tally } from './race.js';

/** A reserved amount is captured by many at once, each wanting another part of it: one of them does. */
async function run({ stage, shop, buyers, support }: Arena): Promise<void> {
  const buyer = stage.pick(buyers);
  const order = await shop.order(buyer);
  const body = { paymentMethod: 'card', paymentMethodId: 'pm_card_visa', captureMethod: 'manual' };
  const paid = await buyer.post(`/v1/orders/${order.id}/payments`, { key: newKey(), body });
  const { id, amount } = expectStatus(paid, 201).body;
  const wanted = Array.from({ length: CROWD }, () => ({ key: newKey(), amount: 1 + stage.dice(amount) }));
  const ask = (web: number, { key, ...part }: { key: string; amount: number }) =>
    untilFinal(() => support.post(`/v1/payments/${id}/capture`, { key, body: part, web }));
  const conversations = await Promise.all(wanted.map((one, index) => ask(index % shop.webs.length, one)));
  const told = tally(conversations);

  stage.reached('capture: refused because somebody was first', countOf(told, /^409 /));
  stage.expect('a capture without exactly one winner', countOf(told, /^200 /) === 1, told);
  stage.expect('losers of a capture who were not told so', countOf(told, /^409 /) === CROWD - 1, told);
  const winner = wanted[conversations.findIndex((replies) => replies.at(-1)?.status === 200)];
  const [payment] = await shop.payments(order.id);
  const isHis = payment?.status === 'succeeded' && payment.captured_amount === winner?.amount;
  stage.expect('captured was not what the winner wanted', isHis, { payment, winner });
  const captures = (await captured(shop, [order.id])).get(order.id);
  stage.expect('a reserved amount captured several times, or never', captures === 1, `${captures} captures`);
}

export const capture: Race = { guard: 'capture', run };
