import { type Client, newKey, type Reply } from '../../../test/support/client.js';
import type { RunningShop } from '../../../test/support/running-shop.js';
import type { Stage } from '../stage.js';
import { type Case, CASES } from './cases.js';

export interface Setting {
  readonly stage: Stage;
  readonly shop: RunningShop;
  readonly buyer: Client;
}

interface Attempt {
  readonly one: Case;
  readonly orderId: string;
  readonly key: string;
  readonly first: Reply;
}

/** Customers pay on every bad day there is; the workers sleep meanwhile, so that no day meets another's payment. */
export async function payOnBadDays({ stage, shop, buyer }: Setting): Promise<void> {
  const cases = stage.isWithout() ? CASES.filter(({ isAccepted }) => isAccepted) : CASES;
  await shop.sandbox.webhooks({ lose: 1 });
  await everyWorker(shop, 'SIGSTOP');
  const attempts: Attempt[] = [];
  for (const one of stage.shuffled(cases)) attempts.push(await pay({ stage, shop, buyer }, one));
  // For the payments no time has passed while the workers slept, however slow the machine is.
  await shop.query(
    `UPDATE payments SET first_submitted_at = now(), last_submitted_at = now() WHERE status = 'unknown'`,
  );
  await everyWorker(shop, 'SIGCONT');
  await Promise.all(attempts.map((attempt) => follow({ stage, shop, buyer }, attempt)));
}

async function everyWorker(shop: RunningShop, signal: NodeJS.Signals): Promise<void> {
  await Promise.all([0, 1].map((index) => shop.kill('worker', { index, signal })));
}

async function pay({ stage, shop, buyer }: Setting, one: Case): Promise<Attempt> {
  const order = await shop.order(buyer);
  const key = newKey();
  await shop.sandbox.misbehave(...one.faults);
  const began = performance.now();
  const first = await buyer.pay(order.id, { key, ...(one.card ? { card: one.card } : {}) });
  stage.note('slowest first answer in ms', performance.now() - began);
  await shop.sandbox.behave();
  stage.reached(one.name);
  const [payment] = await shop.payments(order.id);
  const isTold = first.status === one.told && payment?.status === one.status;
  stage.expect('told something else than what is known', isTold, [one.name, first.status, payment?.status]);
  return { one, orderId: order.id, key, first };
}

/** As a customer does: asks until it is known, and pays again when he was refused. */
async function follow({ stage, shop, buyer }: Setting, { one, orderId, key, first }: Attempt): Promise<void> {
  const card = one.card ? { card: one.card } : {};
  const final = first.status === 202 ? (await buyer.payUntilFinal(orderId, { key, ...card })).at(-1) : first;
  const [payment] = await shop.payments(orderId);
  stage.expect('an end that is not the one expected', payment?.status === one.end, [one.name, payment, final?.text]);
  const captures = (await shop.sandbox.captures({ orderId })).length;
  const isTrue = (payment?.status === 'succeeded' ? 1 : 0) === captures;
  stage.expect("an end that is not the provider's", isTrue, [one.name, payment?.status, `${captures} captures`]);
  if (final?.status !== 402) return;
  const again = await buyer.payUntilFinal(orderId, { key: newKey() });
  stage.reached('refused, and paid again');
  stage.expect('refused, and then not allowed to pay', again.at(-1)?.status === 201, [one.name, again.at(-1)?.text]);
}
