import { newKey } from '../../../test/support/client.js';
import type { Fault } from '../../../test/support/sandbox.js';
import type { Setting } from './matrix.js';

const CREATE = 'payment_intents.create';
const HOURS = 23.5;
const DAY_MS = 25 * 3_600_000;

interface Old {
  readonly name: string;
  readonly before: readonly Fault[];
  /** What the list is like when recovery comes. */
  readonly list?: Fault;
  readonly end: 'succeeded' | 'failed' | 'needs_review';
}

const OLD: readonly Old[] = [
  {
    name: 'a day later: accepted, says the list',
    before: [
      { op: CREATE, effect: 'dropReply', times: 2 },
      { op: CREATE, effect: 'reset' },
    ],
    end: 'succeeded',
  },
  { name: 'a day later: never arrived, says the list', before: [{ op: CREATE, effect: 'reset' }], end: 'failed' },
];

/** Leaves a payment for an operator, so it comes last. */
const SILENT: Old = {
  name: 'a day later: the list does not answer',
  before: [{ op: CREATE, effect: 'reset' }],
  list: { op: 'payment_intents.list', effect: 'status', status: 500 },
  end: 'needs_review',
};

export const OLD_NAMES = [...OLD, SILENT].map(({ name }) => name);

/** P8: nothing is submitted once the provider may have forgotten the key; its list decides, or nobody does. */
export async function hearADayLater(setting: Setting): Promise<void> {
  for (const old of OLD) await hear(setting, old);
}

/** P7, P8: where the list does not answer either, an operator is asked, and nobody pays a second time meanwhile. */
export async function hearNothing(setting: Setting): Promise<void> {
  const { stage, buyer } = setting;
  const orderId = await hear(setting, SILENT);
  const again = await buyer.pay(orderId, { key: newKey() });
  stage.expect('a second payment beside one nobody knows', again.body.code === 'payment-in-progress', again.text);
}

async function hear({ stage, shop, buyer }: Setting, { name, before, list, end }: Old): Promise<string> {
  await shop.sandbox.webhooks({ lose: 1 });
  const order = await shop.order(buyer);
  await shop.sandbox.misbehave(...before);
  const first = await buyer.pay(order.id);
  stage.expect('told something else than what is known', first.status === 202, [name, first.status]);
  await shop.query(
    `UPDATE payments SET first_submitted_at = now() - $2 * interval '1 hour', last_submitted_at = now() - $2 * interval '1 hour',
       next_check_at = now() WHERE order_id = $1`,
    [order.id, HOURS],
  );
  await shop.sandbox.advanceClock(DAY_MS);
  const beforeIt = (await shop.sandbox.journal()).length;
  await shop.sandbox.misbehave(...(list ? [list] : []));
  const isOver = async () => (await shop.payments(order.id))[0]?.status === end;
  await shop.waitUntil(isOver, { what: `${name}: ${end}`, timeoutMs: 60_000 });
  const later = (await shop.sandbox.journal()).slice(beforeIt);
  stage.expect('a submission under a key that may be forgotten', !later.some(({ op }) => op === CREATE), name);
  await shop.sandbox.behave();
  stage.reached(name);
  return order.id;
}
