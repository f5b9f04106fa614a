import { deliver, inTurns, latePayment, type Setting } from './late-payments.js';

const AT_ONCE = 12;
const COPIES_MAX = 3;
/** Of six events one is lost; sometimes all of one payment, which recovery then finds. */
const LOST = 1 / 6;
const LOST_ALTOGETHER = 1 / 20;

/** P15, P16, P20: some events are lost, others come several times, in any order and all at once; the end is the same. */
export async function shuffle(setting: Setting, times: number): Promise<void> {
  const { stage, shop } = setting;
  // The first loses everything, whatever the dice say.
  const fates = Array.from({ length: times }, (_, index) => (index === 0 ? [] : fate(setting)));
  const orderIds: string[] = [];
  await inTurns(fates, AT_ONCE, async (order) => {
    const { orderId, events } = await latePayment(setting);
    orderIds.push(orderId);
    await Promise.all(order.map((index) => deliver(setting, events[index] ?? '')));
    stage.reached(order.length === 0 ? 'payments whose every event was lost' : 'shuffles');
  });
  await stage.untilQuiet(shop);
  const isOver = async () => (await unpaid(setting, orderIds)) === 0;
  await shop
    .waitUntil(isOver, { what: 'every order to complete', timeoutMs: 60_000 })
    .catch((error: Error) => stage.violated('orders that were not completed', error.message));
}

/** In which order, how often, and whether at all the five events arrive. */
function fate({ stage }: Setting): number[] {
  if (stage.random() < LOST_ALTOGETHER) return [];
  const arriving = [0, 1, 2, 3, 4].filter(() => stage.random() >= LOST);
  return stage.shuffled(arriving.flatMap((index) => Array.from({ length: 1 + stage.dice(COPIES_MAX) }, () => index)));
}

async function unpaid({ shop }: Setting, orderIds: readonly string[]): Promise<number> {
  const sql = `SELECT count(*)::integer AS open FROM orders WHERE id = ANY($1) AND status <> 'completed'`;
  return (await shop.query<{ open: number }>(sql, [orderIds]))[0]?.open ?? NaN;
}
