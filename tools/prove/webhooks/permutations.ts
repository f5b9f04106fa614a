import { newKey } from '../../../test/support/client.js';
import { deliver, inTurns, latePayment, type LatePayment, type Setting, stateOf, untilHeard } from './late-payments.js';

const AT_ONCE = 12;
const OF_THREE = 6;
const CREATE = 'payment_intents.create';

/** P16: all 120 orders of a payment's five events end in the same rows. */
export async function everyOrder(setting: Setting, share: number): Promise<void> {
  const { stage, shop } = setting;
  const orders = permutations([0, 1, 2, 3, 4]).filter((_order, index) => index % share === 0);
  const payments: LatePayment[] = [];
  await inTurns(orders, AT_ONCE, async (order) => {
    const payment = await latePayment(setting);
    payments.push(payment);
    for (const index of order) {
      const event = payment.events[index] ?? '';
      await deliver(setting, event);
      await untilHeard(setting, event);
    }
    stage.reached('orders of five events');
  });
  await stage.untilQuiet(shop);
  await sameEnd(
    setting,
    payments.map(({ orderId }) => orderId),
  );
}

/** The same of the three events of a payment whose reply the provider holds: all are heard before our own commit. */
export async function beforeOurCommit(setting: Setting): Promise<void> {
  const { stage, shop } = setting;
  const orderIds: string[] = [];
  for (const order of permutations([0, 1, 2]).slice(0, OF_THREE)) orderIds.push(await heardFirst(setting, order));
  await stage.untilQuiet(shop);
  await sameEnd(setting, orderIds);
}

async function heardFirst(setting: Setting, order: readonly number[]): Promise<string> {
  const { stage, shop, buyer, productId } = setting;
  const { id: orderId } = await buyer.place([{ productId, quantity: 1 }]);
  await shop.sandbox.misbehave({ op: CREATE, effect: 'delay', ms: 60_000, after: true });
  const paying = buyer.payUntilFinal(orderId, { key: newKey() });
  const accepted = () => shop.sandbox.captures({ orderId }).then(([capture]) => capture?.object);
  const intentId = await shop.waitUntil(accepted, { what: 'the provider to accept' });
  const [before] = await shop.payments(orderId);
  if (before?.status === 'submitting') stage.reached('events heard before our own commit');
  const events = (await shop.sandbox.eventsAbout(intentId)).slice(0, order.length);
  for (const index of order) {
    const event = events[index]?.id ?? '';
    await deliver(setting, event);
    await untilHeard(setting, event);
  }
  await shop.sandbox.behave();
  const final = (await paying).at(-1);
  stage.expect('a payment that did not end well', final?.status === 201, final?.text);
  return orderId;
}

async function sameEnd(setting: Setting, orderIds: readonly string[]): Promise<void> {
  const ends = new Map<string, number>();
  for (const orderId of orderIds) {
    const state = await stateOf(setting, orderId);
    ends.set(state, (ends.get(state) ?? 0) + 1);
  }
  setting.stage.expect('ends that depend on the order of events', ends.size === 1, [...ends]);
}

export function permutations<T>(all: readonly T[]): T[][] {
  if (all.length === 0) return [[]];
  return all.flatMap((first, index) => permutations(all.toSpliced(index, 1)).map((rest) => [first, ...rest]));
}
