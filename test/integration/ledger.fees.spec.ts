import { tampering } from '../support/tampering.js';
import { keyed, PaymentDesk, PRICE } from './payments.support.js';

jest.setTimeout(60_000);

/** 2.9 % and 30 cents of 49.00 USD. */
const FEE = 172;
const EARS = 'provider-fees';

let shop: PaymentDesk;

beforeAll(async () => {
  shop = await PaymentDesk.open();
});

afterAll(async () => {
  await shop?.close();
});

beforeEach(async () => {
  await shop.rig.arm();
  await shop.db.query(`DELETE FROM event_deliveries`);
});

async function feesOf(paymentId: string): Promise<string[]> {
  const rows = await shop.db.query<{ entry: string }>(
    `SELECT e.account || ' ' || e.currency || ' ' || e.amount AS entry FROM ledger_transactions AS t
       JOIN ledger_entries AS e ON e.transaction_id = t.id WHERE t.kind = 'fee' AND t.source_id = $1 ORDER BY e.account`,
    [paymentId],
  );
  return rows.map(({ entry }) => entry);
}

function open() {
  return shop.db.query<{ attempts: number; dead: boolean }>(
    `SELECT attempts, dead_at IS NOT NULL AS dead FROM event_deliveries WHERE subscriber = $1`,
    [EARS],
  );
}

/** Has the work of a payment done once more, as a delivery that was dispatched twice would. */
async function hearAgain(paymentId: string): Promise<void> {
  await shop.db.query(
    `INSERT INTO event_deliveries (event_id, subscriber)
     SELECT id, $2 FROM events WHERE stream = 'payment-' || $1 AND name = 'payment.succeeded'`,
    [paymentId, EARS],
  );
  await shop.hear(EARS);
}

it('is booked beside the capture, as the provider says, once', async () => {
  const { payment } = await shop.pay();
  expect(await feesOf(payment.id)).toEqual([]);

  expect(await shop.hear(EARS)).toBe(1);
  expect(await feesOf(payment.id)).toEqual([`fees:stripe USD ${FEE}`, `provider:stripe USD ${-FEE}`]);

  await hearAgain(payment.id);
  expect(await feesOf(payment.id)).toHaveLength(2);
  expect(await open()).toEqual([]);
});

it('is that of what was captured, where that was a part', async () => {
  const { payment } = await shop.pay({ captureMethod: 'manual' });
  expect(await shop.hear(EARS)).toBe(0);
  await shop.rig.stripe().paymentIntents.capture(payment.providerPaymentId ?? '', { amount_to_capture: 1_000 });
  await shop.intents.settleIntent(payment.providerPaymentId ?? '');

  await shop.hear(EARS);

  expect(await feesOf(payment.id)).toEqual(['fees:stripe USD 59', 'provider:stripe USD -59']);
});

it('waits without an attempt while the provider is silent, and is booked when it speaks', async () => {
  const { payment } = await shop.pay();
  await shop.rig.arm({ op: 'charges.retrieve', effect: 'status', status: 503 });
  await shop.hear(EARS);
  expect(await open()).toEqual([{ attempts: 0, dead: false }]);
  expect(await feesOf(payment.id)).toEqual([]);

  await shop.rig.arm();
  await shop.hear(EARS);
  expect(await feesOf(payment.id)).toHaveLength(2);
});

it('counts an attempt where the provider refuses to say', async () => {
  const { payment } = await shop.pay();
  await shop.rig.arm({ op: 'charges.retrieve', effect: 'status', status: 403 });
  await shop.hear(EARS);
  expect(await open()).toEqual([{ attempts: 1, dead: false }]);
  expect(await feesOf(payment.id)).toEqual([]);
});

it('is none where no provider holds the money', async () => {
  const { payment, order } = await shop.pay({ paymentMethod: 'cash_on_delivery' });
  await shop.confirmation.confirm(payment.id, keyed(order.user.id), { reference: 'CASH-1', receivedAmount: PRICE });

  expect(await shop.hear(EARS)).toBe(1);

  expect(await feesOf(payment.id)).toEqual([]);
  expect(await open()).toEqual([]);
});

it('would be booked twice if the book forgot its sources (control)', async () => {
  const { payment } = await shop.pay();
  const fees = async () => (await shop.db.query(`SELECT 1 FROM ledger_transactions WHERE kind = 'fee'`)).length;
  await shop.hear(EARS);
  const before = await fees();
  await hearAgain(payment.id);
  expect(await fees()).toBe(before);

  await tampering.bookForgetsSources(shop.db);
  await hearAgain(payment.id);
  expect(await fees()).toBe(before + 1);
});
