import type { Payment } from '../../src/domains/payments/payment.entity.js';
import type { PaymentStatus } from '../../src/domains/payments/payment-status.js';
import { miscounted } from './orders.fixture.js';
import * as books from './payments.books.js';
import { PaymentDesk } from './payments.support.js';

jest.setTimeout(60_000);

let shop: PaymentDesk;

beforeAll(async () => {
  shop = await PaymentDesk.open();
});

afterAll(async () => {
  await shop?.close();
});

beforeEach(async () => {
  await shop.rig.arm();
});

afterEach(async () => {
  expect(await miscounted(shop.db)).toEqual([]);
});

const paid = async (command: Parameters<PaymentDesk['pay']>[0]) => (await shop.pay(command)).payment;

/** A payment in each status there is, by the way it gets there. */
const REACHED: Record<PaymentStatus, () => Promise<Payment>> = {
  submitting: () => shop.open(),
  unknown: async () => {
    await shop.rig.arm({ op: 'payment_intents.create', effect: 'dropReply', times: 2 });
    return paid({});
  },
  requires_action: () => paid({ paymentMethodId: 'pm_card_authenticationRequired' }),
  authorized: () => paid({ captureMethod: 'manual' }),
  awaiting_confirmation: () => paid({ paymentMethod: 'bank_transfer' }),
  needs_review: async () => forced(await shop.open(), 'needs_review'),
  succeeded: () => paid({}),
  late_succeeded: async () => {
    const payment = await shop.open();
    await shop.db.query(`UPDATE payments SET status = 'late_succeeded', captured_amount = amount WHERE id = $1`, [
      payment.id,
    ]);
    return shop.payments.get(payment.id);
  },
  failed: () => paid({ paymentMethodId: 'pm_card_chargeDeclined' }),
  cancelled: async () => shop.cancellation.cancel(await REACHED.requires_action()),
};

async function forced({ id }: Payment, status: PaymentStatus): Promise<Payment> {
  await shop.db.query(`UPDATE payments SET status = $2 WHERE id = $1`, [id, status]);
  return shop.payments.get(id);
}

/** What cancelling says and leaves, in one word each. */
async function outcomeOf(payment: Payment, work: () => Promise<{ status: string }>): Promise<string> {
  const said = await work().then(
    ({ status }) => status,
    (error: { problem: { code: string } }) => error.problem.code,
  );
  const { status } = await shop.payments.get(payment.id);
  return `${said}: ${await books.orderStatus(shop.db, payment.orderId)}, ${status}`;
}

it.each([
  ['submitting', 'payment-in-progress: pending, submitting'],
  ['unknown', 'payment-in-progress: pending, unknown'],
  ['requires_action', 'cancelled: pending, cancelled'],
  ['authorized', 'cancelled: pending, cancelled'],
  ['awaiting_confirmation', 'cancelled: pending, cancelled'],
  ['needs_review', 'payment-in-progress: pending, needs_review'],
  ['succeeded', 'payment-not-cancellable: completed, succeeded'],
  ['late_succeeded', 'payment-not-cancellable: pending, late_succeeded'],
  ['failed', 'payment-not-cancellable: pending, failed'],
  ['cancelled', 'cancelled: pending, cancelled'],
] as const)('cancelling a payment that is %s: %s', async (status, expected) => {
  const payment = await REACHED[status]();
  expect(payment.status).toBe(status);

  expect(await outcomeOf(payment, () => shop.cancellation.cancel(payment))).toBe(expected);
});

it.each([
  ['submitting', 'payment-in-progress: pending, submitting'],
  ['unknown', 'payment-in-progress: pending, unknown'],
  ['requires_action', 'cancelled: cancelled, cancelled'],
  ['authorized', 'cancelled: cancelled, cancelled'],
  ['awaiting_confirmation', 'cancelled: cancelled, cancelled'],
  ['needs_review', 'payment-in-progress: pending, needs_review'],
  ['succeeded', 'order-completed: completed, succeeded'],
  ['late_succeeded', 'cancelled: cancelled, late_succeeded'],
  ['failed', 'cancelled: cancelled, failed'],
  ['cancelled', 'cancelled: cancelled, cancelled'],
] as const)('cancelling the order of a payment that is %s: %s', async (status, expected) => {
  const payment = await REACHED[status]();
  const { orderId, userId } = payment;

  expect(await outcomeOf(payment, () => cancelOrder(orderId, userId))).toBe(expected);
});

function cancelOrder(orderId: string, userId: string): Promise<{ status: string }> {
  return shop.desk.cancellation.cancel(orderId, userId);
}

it.each(['requires_action', 'authorized'] as const)('ends one that is %s at the provider first', async (status) => {
  const payment = await REACHED[status]();

  await shop.cancellation.cancel(payment);

  expect(await shop.atProvider(payment)).toBe('canceled');
  expect(await books.bookedFor(shop.db, payment.id)).toEqual([]);
  expect((await shop.pay({}, { order: { id: payment.orderId, user: await userOf(payment) } })).reply.status).toBe(201);
});

it.each(['requires_action', 'authorized'] as const)(
  'leaves order and payment alone while the provider does not answer for one that is %s',
  async (status) => {
    const payment = await REACHED[status]();
    await shop.rig.arm({ op: '*', effect: 'status', status: 503 });

    expect(await outcomeOf(payment, () => shop.cancellation.cancel(payment))).toBe(`${status}: pending, ${status}`);
    const order = () => cancelOrder(payment.orderId, payment.userId);
    expect(await outcomeOf(payment, order)).toBe(`payment-in-progress: pending, ${status}`);
  },
);

it('is done when only the reply of the provider was lost', async () => {
  const payment = await REACHED.authorized();
  await shop.rig.arm({ op: 'payment_intents.cancel', effect: 'dropReply', times: 2 });

  expect(await outcomeOf(payment, () => shop.cancellation.cancel(payment))).toBe('cancelled: pending, cancelled');
  expect((await shop.done(payment)).filter((entry) => entry === 'cancel cancelled')).toHaveLength(1);
});

it('finds the order paid when the customer was faster', async () => {
  const payment = await REACHED.requires_action();
  const door = `/_sandbox/payment-intents/${payment.providerPaymentId}/authenticate`;
  await shop.rig.door('POST', door, { succeed: true });

  const order = () => cancelOrder(payment.orderId, payment.userId);

  expect(await outcomeOf(payment, order)).toBe('order-completed: completed, succeeded');
});

it('happens once when many ask at once', async () => {
  const payment = await REACHED.authorized();

  const ended = await Promise.all(Array.from({ length: 8 }, () => shop.cancellation.cancel(payment)));

  expect(new Set(ended.map(({ status }) => status))).toEqual(new Set(['cancelled']));
  expect((await books.eventsOf(shop.db, payment.id)).filter((name) => name === 'cancelled')).toHaveLength(1);
  expect((await shop.done(payment)).filter((entry) => entry === 'cancel cancelled')).toHaveLength(1);
});

async function userOf({ userId }: Payment) {
  return { id: userId, email: '', roles: [], sessionId: '' };
}
