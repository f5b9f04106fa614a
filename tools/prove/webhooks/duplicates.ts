import { deliver, latePayment, type Setting, stateOf, untilHeard } from './late-payments.js';

const COPIES = 50;

/** P15: each event fifty times at once, half of them before servers and workers were killed and half after. */
export async function fiftyTimes(setting: Setting): Promise<void> {
  const { stage, shop } = setting;
  const payment = await latePayment(setting);
  const copies = payment.events.flatMap((event) => Array.from({ length: COPIES / 2 }, () => event));
  await Promise.all(stage.shuffled(copies).map((event) => deliver(setting, event)));
  const everybody = (['web', 'worker'] as const).flatMap((role) => [0, 1].map((index) => ({ role, index })));
  await Promise.all(everybody.map(({ role, index }) => shop.kill(role, { index })));
  await Promise.all(everybody.map(({ role, index }) => shop.start(role, index)));
  await Promise.all(payment.events.map((event) => untilHeard(setting, event)));
  const before = await stateOf(setting, payment.orderId);
  await Promise.all(stage.shuffled(copies).map((event) => deliver(setting, event)));
  await stage.untilQuiet(shop);
  stage.reached('copies of one event', COPIES);
  const inbox = await shop.query<{ deliveries: number }>(
    `SELECT deliveries FROM webhook_inbox WHERE event_id = ANY($1)`,
    [payment.events],
  );
  const isEach = inbox.length === payment.events.length && inbox.every(({ deliveries }) => deliveries === COPIES);
  stage.expect('not one row with fifty deliveries for each event', isEach, inbox);
  const after = await stateOf(setting, payment.orderId);
  stage.expect('duplicates that changed something', after === before || before === '', { before, after });
}
