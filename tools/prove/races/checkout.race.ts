import { newKey } from '../../../test/support/client.js';
import { type Arena, captured, countOf, CROWD, crowd, type Race, tally } from './race.js';

/** The provider thinks that long, so that everybody has arrived before anybody has paid. */
const THINKING_MS = 250;

/** P3: an order is paid under many keys at once; the index lets one payment live, and the others are told. */
async function run({ stage, shop, buyers }: Arena): Promise<void> {
  const buyer = stage.pick(buyers);
  const order = await shop.order(buyer);
  await shop.sandbox.misbehave({ op: 'payment_intents.create', effect: 'delay', ms: THINKING_MS });
  const ask = (_index: number, web: number) => buyer.payUntilFinal(order.id, { key: newKey(), web });
  const told = tally(await crowd(CROWD, ask, shop.webs.length));
  await shop.sandbox.behave();

  stage.reached('checkout: refused because another payment lives', countOf(told, /^409 payment-in-progress/));
  stage.expect('a checkout without exactly one winner', countOf(told, /^201 succeeded/) === 1, told);
  const losers = countOf(told, /^409 (payment-in-progress|order-not-payable)/);
  stage.expect('losers of a checkout who were not told so', losers === CROWD - 1, told);
  const statuses = (await shop.payments(order.id)).map(({ status }) => status);
  stage.expect('an order with several payments', statuses.join() === 'succeeded', statuses);
  const captures = (await captured(shop, [order.id])).get(order.id);
  stage.expect('a checkout charged several times, or never', captures === 1, `${captures} captures`);
}

export const checkout: Race = { guard: 'index', run };
