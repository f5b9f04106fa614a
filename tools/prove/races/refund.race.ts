import { expectStatus, newKey, untilFinal } from '../../../test/support/client.js';
import { type Arena, countOf, CROWD, type Race, tally } from './race.js';

const SHARE = 0.6;

/** P10: everybody wants 60 % of one payment back, at the same moment: one gets it, and gets it once however often it is asked for. */
async function run({ stage, shop, buyers, support }: Arena): Promise<void> {
  const buyer = stage.pick(buyers);
  const order = await shop.order(buyer);
  const body = { paymentMethod: 'card', paymentMethodId: 'pm_card_visa' };
  const paid = await buyer.post(`/v1/orders/${order.id}/payments`, { key: newKey(), body });
  const { id, amount } = expectStatus(paid, 201).body;
  const part = { amount: Math.ceil(amount * SHARE), reason: 'requested_by_customer' };
  const ask = (key: string, web: number) =>
    untilFinal(() => support.post(`/v1/payments/${id}/refunds`, { key, body: part, web }));
  const keys = Array.from({ length: CROWD }, newKey);
  const conversations = await Promise.all(keys.map((key, index) => ask(key, index % shop.webs.length)));
  const told = tally(conversations);

  stage.reached('refund: refused because too little is left', countOf(told, /^409 refund-exceeds-captured$/));
  stage.expect('a refund race without exactly one winner', countOf(told, /^201 /) === 1, told);
  stage.expect('losers of a refund who were not told so', countOf(told, /^409 /) === CROWD - 1, told);
  const made = await shop.query(`SELECT id, status FROM refunds WHERE payment_id = $1`, [id]);
  stage.expect('several refunds of what is enough for one', made.length === 1, made.length);
  const won = conversations.findIndex((replies) => replies.at(-1)?.status === 201);
  const again = won < 0 ? [] : await ask(keys[won] ?? '', 0);
  const isSame = won < 0 || again.at(-1)?.text === conversations[won]?.at(-1)?.text;
  stage.expect('another answer when the winner asks again', isSame, again.at(-1)?.text);
  await stage.untilQuiet(shop);
  const [payment] = await shop.payments(order.id);
  stage.expect('refunded was not what the winner wanted', payment?.refunded_amount === part.amount, payment);
  const sent = (await shop.sandbox.journal()).filter(
    ({ op, outcome, metadata }) => op === 'refunds.create' && outcome === 'refunded' && metadata['payment_id'] === id,
  );
  stage.expect('money sent back several times, or never', sent.length === 1, sent);
}

export const refund: Race = { guard: 'refund', run };
