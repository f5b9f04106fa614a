import type { Client } from '../../../test/support/client.js';
import { newKey } from '../../../test/support/client.js';
import { type Arena, captured, crowd, type Race } from './race.js';

const ORDERS = 16;
/** How long the provider thinks about a charge: about as long as cancelling takes. */
const THINKING_MS = 40;

/** Many orders are paid and cancelled at the same moment: each ends as one of the two, in the books and at the provider. */
async function run({ stage, shop, buyers }: Arena): Promise<void> {
  const buyer = stage.pick(buyers);
  const { id: productId } = await shop.product({ stock: ORDERS });
  const orders = await crowd(ORDERS, () => buyer.place([{ productId, quantity: 1 }]), 1);
  // Now the one is a little earlier, now the other.
  const leads = orders.map((_order, index) => (index % 2 === 0 ? 1 : -1) * stage.dice(2 * THINKING_MS));
  await shop.sandbox.misbehave({ op: 'payment_intents.create', effect: 'delay', ms: THINKING_MS });
  const duel = async (index: number, web: number) => {
    const id = orders[index]?.id ?? '';
    await Promise.all([payLater({ buyer, id, web }, leads[index]), cancelLater({ buyer, id, web }, leads[index])]);
  };
  await crowd(ORDERS, duel, shop.webs.length);
  await shop.sandbox.behave();
  await judge(
    { stage, shop },
    orders.map(({ id }) => id),
  );
}

interface Duellist {
  readonly buyer: Client;
  readonly id: string;
  readonly web: number;
}

async function payLater({ buyer, id, web }: Duellist, lead = 0): Promise<void> {
  await later(-lead);
  await buyer.payUntilFinal(id, { key: newKey(), web });
}

async function cancelLater({ buyer, id, web }: Duellist, lead = 0): Promise<void> {
  await later(lead);
  await buyer.post(`/v1/orders/${id}/cancel`, { web });
}

async function later(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}

async function judge({ stage, shop }: Pick<Arena, 'stage' | 'shop'>, orderIds: readonly string[]): Promise<void> {
  const captures = await captured(shop, orderIds);
  for (const id of orderIds) {
    const status = await shop.orderStatus(id);
    const taken = captures.get(id);
    const isPaid = status === 'completed' && taken === 1;
    const isCancelled = status === 'cancelled' && taken === 0;
    if (isPaid) stage.reached('cancel: orders that were paid');
    if (isCancelled) stage.reached('cancel: orders that were cancelled');
    const isTaken = status === 'cancelled' && taken !== 0;
    stage.expect('money taken for a cancelled order', !isTaken, { id, status, taken });
    stage.expect('an order neither paid nor cancelled', isPaid || isCancelled || isTaken, { id, status, taken });
  }
}

export const cancelAgainstPay: Race = { guard: 'cancelling', run };
