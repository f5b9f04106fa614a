import type { Payment } from '../../src/domains/payments/payment.entity.js';
import { newId } from '../../src/shared/ids.js';
import { tampering } from '../support/tampering.js';
import { aUser } from './orders.fixture.js';
import * as books from './payments.books.js';
import { keyed, PaymentDesk, PRICE } from './payments.support.js';

let shop: PaymentDesk;
/** Whoever opens the bank statement. */
let operatorId: string;

beforeAll(async () => {
  shop = await PaymentDesk.open();
  operatorId = (await aUser(shop.db)).id;
});

afterAll(async () => {
  await shop?.close();
});

async function anAwaitedPayment(paymentMethod: 'bank_transfer' | 'cash_on_delivery' = 'bank_transfer') {
  const { payment, reply } = await shop.pay({ paymentMethod });
  expect([reply.status, payment.status]).toEqual([201, 'awaiting_confirmation']);
  return payment;
}

interface Confirmed {
  readonly key?: string;
  readonly reference?: string;
  readonly receivedAmount?: number;
}

function confirm({ id }: Payment, { key = newId(), reference = newId(), receivedAmount = PRICE }: Confirmed = {}) {
  const command = { reference, receivedAmount };
  return shop.confirmation.confirm(id, keyed(operatorId, key, command), command);
}

async function expectRefused(payment: Payment, confirmed: Confirmed, code: string): Promise<void> {
  const before = await books.endOf(shop.db, payment.id);
  const key = confirmed.key ?? newId();
  await expect(confirm(payment, { ...confirmed, key })).rejects.toMatchObject({ problem: { code, kind: 'conflict' } });
  expect(await books.endOf(shop.db, payment.id)).toBe(before);
  expect(await shop.db.query(`SELECT key FROM idempotency_keys WHERE key = $1`, [key])).toEqual([]);
}

it.each([
  ['bank_transfer', 'bank', { type: 'transfer', reference: expect.stringMatching(/^PUR(-[0-9A-F]{4}){3}$/) }],
  ['cash_on_delivery', 'cash', null],
] as const)('of %s books the money where it is, and completes the order', async (method, account, nextAction) => {
  const payment = await anAwaitedPayment(method);
  expect(payment).toMatchObject({ nextAction, provider: account, providerPaymentId: null, nextCheckAt: null });

  const reply = await confirm(payment, { reference: `REF-${account}` });

  expect(reply).toMatchObject({ status: 200, replayed: false, body: { status: 'succeeded', capturedAmount: PRICE } });
  expect(await books.bookedFor(shop.db, payment.id)).toEqual([`${account} ${PRICE}`, `revenue:orders -${PRICE}`]);
  expect(await books.orderStatus(shop.db, payment.orderId)).toBe('completed');
  expect((await shop.payments.get(payment.id)).providerPaymentId).toBe(`${account}:REF-${account}`);
  expect(await shop.done(payment)).toEqual([]);
});

it('gives the order a week from when the transfer was chosen', async () => {
  const payment = await anAwaitedPayment();

  const [order] = await shop.db.query<{ days: number }>(
    `SELECT (extract(epoch FROM expires_at - now()) / 86400)::float8 AS days FROM orders WHERE id = $1`,
    [payment.orderId],
  );

  expect(order?.days).toBeGreaterThan(6.9);
  expect(order?.days).toBeLessThanOrEqual(7);
});

it.each([PRICE - 1, PRICE + 1])('refuses another amount (%i), and changes nothing', async (receivedAmount) => {
  const payment = await anAwaitedPayment();

  await expectRefused(payment, { receivedAmount }, 'amount-differs');

  expect((await confirm(payment)).status).toBe(200);
});

it('twice under one key happens once and answers the same, also at the same moment', async () => {
  const payment = await anAwaitedPayment();
  const same = { key: newId(), reference: newId() };

  const replies = await Promise.all([1, 2, 3, 4, 5].map(() => confirm(payment, same)));
  const later = await confirm(payment, same);

  expect(replies.filter(({ replayed }) => !replayed)).toHaveLength(1);
  expect(later.replayed).toBe(true);
  expect(new Set([...replies, later].map(({ status, body }) => JSON.stringify([status, body]))).size).toBe(1);
  expect(await books.bookedFor(shop.db, payment.id)).toHaveLength(2);
});

it('under one key with another amount or reference is another request', async () => {
  const payment = await anAwaitedPayment();
  const same = { key: newId(), reference: newId() };
  await confirm(payment, same);

  for (const other of [{ receivedAmount: PRICE + 1 }, { reference: newId() }]) {
    await expect(confirm(payment, { ...same, ...other })).rejects.toMatchObject({
      problem: { code: 'idempotency-key-reused' },
    });
  }
});

it('twice under two keys is refused the second time, also at the same moment', async () => {
  const payment = await anAwaitedPayment();

  const both = await Promise.allSettled([confirm(payment), confirm(payment)]);

  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  await expectRefused(payment, {}, 'payment-not-awaiting-confirmation');
  expect(await books.bookedFor(shop.db, payment.id)).toHaveLength(2);
});

describe('one reference', () => {
  const twice = async (where: { reference: string }) => {
    const [one, other] = [await anAwaitedPayment(), await anAwaitedPayment()];
    return { one, other, outcome: await Promise.allSettled([confirm(one, where), confirm(other, where)]) };
  };

  it('confirms one payment only, and the other still waits', async () => {
    const reference = newId();
    const { one, other, outcome } = await twice({ reference });

    expect(outcome.filter(({ status }) => status === 'rejected')).toMatchObject([
      { reason: { problem: { code: 'reference-used', kind: 'conflict' } } },
    ]);
    const loser = outcome[0]?.status === 'rejected' ? one : other;
    expect((await shop.payments.get(loser.id)).status).toBe('awaiting_confirmation');
    await expectRefused(loser, { reference }, 'reference-used');
    expect((await confirm(loser)).status).toBe(200);
  });

  it('may be used by a bank and by a courier', async () => {
    const reference = newId();
    await confirm(await anAwaitedPayment('bank_transfer'), { reference });
    expect((await confirm(await anAwaitedPayment('cash_on_delivery'), { reference })).status).toBe(200);
  });

  it('control: without the constraint it would confirm two', async () => {
    const guarded = shop;
    shop = await PaymentDesk.open();
    const guardedOperator = operatorId;
    try {
      operatorId = (await aUser(shop.db)).id;
      await tampering.withoutOneReference(shop.db);
      const { outcome } = await twice({ reference: newId() });
      expect(outcome.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
    } finally {
      await shop.close();
      [shop, operatorId] = [guarded, guardedOperator];
    }
  });
});

it('is refused for what does not wait for it: a card, a cancelled order, an expired one', async () => {
  await expectRefused((await shop.pay()).payment, {}, 'payment-not-awaiting-confirmation');

  const cancelled = await anAwaitedPayment();
  await shop.desk.cancellation.cancel(cancelled.orderId, cancelled.userId);
  await expectRefused(cancelled, {}, 'payment-not-awaiting-confirmation');

  const expired = await anAwaitedPayment();
  await shop.db.query(`UPDATE orders SET expires_at = now() - interval '1 s' WHERE id = $1`, [expired.orderId]);
  expect(await shop.desk.cancellation.expire(expired.orderId)).toBe(true);
  await expectRefused(expired, {}, 'payment-not-awaiting-confirmation');
});

it('against the expiry of its order ends as one of the two, and the stock adds up', async () => {
  for (let round = 0; round < 10; round += 1) {
    const payment = await anAwaitedPayment();
    await shop.db.query(`UPDATE orders SET expires_at = now() - interval '1 s' WHERE id = $1`, [payment.orderId]);
    await Promise.allSettled([confirm(payment), shop.desk.cancellation.expire(payment.orderId)]);
    const order = await books.orderStatus(shop.db, payment.orderId);
    const { status } = await shop.payments.get(payment.id);
    expect(['completed succeeded', 'cancelled cancelled']).toContain(`${order} ${status}`);
    expect(await books.bookedFor(shop.db, payment.id)).toHaveLength(order === 'completed' ? 2 : 0);
  }
});
