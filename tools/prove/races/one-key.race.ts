import { newKey } from '../../../test/support/client.js';
import { type Arena, captured, crowd, type Race, tally } from './race.js';

const RETRIES = 100;
/** The provider thinks that long, so that the repetitions meet a payment whose end nobody knows yet. */
const THINKING_MS = 100;

/** P1: one request, repeated a hundred times at once through every web server, is one payment and one answer. */
async function run({ stage, shop, buyers }: Arena): Promise<void> {
  const buyer = stage.pick(buyers);
  const order = await shop.order(buyer);
  const key = newKey();
  await shop.sandbox.misbehave({ op: 'payment_intents.create', effect: 'delay', ms: THINKING_MS });
  const ask = (_index: number, web: number) => buyer.payUntilFinal(order.id, { key, web });
  const conversations = await crowd(RETRIES, ask, shop.webs.length);
  await shop.sandbox.behave();

  stage.reached('one key: repetitions', RETRIES);
  const replies = conversations.flat();
  const odd = replies.filter(({ status }) => ![201, 202, 409].includes(status));
  stage.expect('an answer that is neither 201, 202 nor 409', odd.length === 0, odd[0]?.text);
  const finals = new Set(conversations.map((all) => `${all.at(-1)?.status} ${all.at(-1)?.text}`));
  stage.expect('different final answers for one key', finals.size === 1, tally(conversations));
  const payments = await shop.payments(order.id);
  stage.expect('several payments for one key', payments.length === 1, payments);
  const captures = (await captured(shop, [order.id])).get(order.id);
  stage.expect('one key charged several times, or never', captures === 1, `${captures} captures`);
}

export const oneKey: Race = { guard: 'keys', run };
