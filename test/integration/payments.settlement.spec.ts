import type { Payment } from '../../src/domains/payments/payment.entity.js';
import { PaymentInProgress } from '../../src/contracts/payment-errors.js';
import type { ProviderReport } from '../../src/domains/payments/provider-report.js';
import { newId } from '../../src/shared/ids.js';
import { tampering } from '../support/tampering.js';
import * as books from './payments.books.js';
import { PaymentDesk, PRICE } from './payments.support.js';

jest.setTimeout(60_000);

let shop: PaymentDesk;

beforeAll(async () => {
  shop = await PaymentDesk.open();
});

afterAll(async () => {
  await shop?.close();
});

beforeEach(() => {
  shop.alarms.raised.length = 0;
});

/** Everything Stripe may say, at one time or another, about one payment that is captured in the end. */
function reportsOf({ id }: Payment) {
  const now = new Date();
  const call = { op: 'test', key: null, startedAt: now, endedAt: now, requestId: null };
  const object = { call, providerPaymentId: `pi_${id}`, chargeId: 'ch_last', amount: PRICE, currency: 'USD' };
  const reason = { kind: 'transport', code: 'no-answer', message: 'Stripe said nothing.' } as const;
  const failure = { kind: 'card', code: 'card_declined', message: 'Stripe said no.' } as const;
  return {
    unknown: { call, status: 'unknown', reason },
    processing: { call, status: 'unknown', reason, providerPaymentId: object.providerPaymentId },
    action: { ...object, status: 'requires_action', nextAction: { type: 'confirm', clientSecret: 's' } },
    failed: { ...object, chargeId: 'ch_first', status: 'failed', failure },
    authorized: { ...object, status: 'authorized' },
    cancelled: { ...object, status: 'cancelled' },
    succeeded: { ...object, status: 'succeeded' },
  } as const satisfies Record<string, ProviderReport>;
}

type Said = keyof ReturnType<typeof reportsOf>;

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item, index) =>
    permutations(items.filter((_, other) => other !== index)).map((rest) => [item, ...rest]),
  );
}

describe('settling, whatever order reports arrive in', () => {
  async function ends(said: readonly Said[], settle: (payment: Payment, report: ProviderReport) => Promise<unknown>) {
    const seen = new Set<string>();
    const orders = permutations(said);
    for (const order of orders) {
      const payment = await shop.open();
      for (const word of order) await settle(payment, reportsOf(payment)[word]);
      seen.add(await books.endOf(shop.db, payment.id));
    }
    return { tried: orders.length, distinct: seen.size };
  }

  it('ends in the same row, order and books for each of 120 orders of five reports', async () => {
    const said = ['unknown', 'processing', 'action', 'failed', 'succeeded'] as const;

    expect(await ends(said, (payment, report) => shop.settlement.settle(payment, report))).toEqual({
      tried: 120,
      distinct: 1,
    });
  });

  it.each([
    ['authorized', ['unknown', 'action', 'authorized', 'succeeded']],
    ['cancelled', ['unknown', 'action', 'processing', 'cancelled']],
    ['failed', ['unknown', 'processing', 'failed', 'failed']],
  ] as const)('does so for a payment that was %s, too', async (_, said) => {
    const outcome = await ends(said, (payment, report) => shop.settlement.settle(payment, report));
    expect(outcome).toEqual({ tried: 24, distinct: 1 });
  });

  it('control: without the decision, the last word would win', async () => {
    const facts = { actionTtlMs: 1, nextCheckMs: null, refundedAmount: null };
    const believe = (payment: Payment, report: ProviderReport) =>
      shop.desk.transactions.run((tx) => {
        const to = report.status === 'cancelled' ? report.status : 'failed';
        return shop.payments.move(tx, payment, { move: { kind: 'move', to, event: 'payment.failed' }, report, facts });
      });

    expect((await ends(['unknown', 'failed', 'cancelled'], believe)).distinct).toBeGreaterThan(1);
  });

  it('books once, tells once and answers once when twenty hear it at the same moment', async () => {
    const payment = await shop.open();
    const { processing, action, succeeded, failed } = reportsOf(payment);
    const said = Array.from({ length: 5 }, () => [processing, action, succeeded, failed]).flat();

    await Promise.all(said.map((report) => shop.settlement.settle(payment, report)));

    expect(await shop.payments.get(payment.id)).toMatchObject({ status: 'succeeded', capturedAmount: PRICE });
    expect(await books.bookedFor(shop.db, payment.id)).toEqual([
      `provider:stripe ${PRICE}`,
      `revenue:orders -${PRICE}`,
    ]);
    const events = await books.eventsOf(shop.db, payment.id);
    expect(events.filter((name) => name === 'succeeded')).toHaveLength(1);
    expect(await books.orderStatus(shop.db, payment.orderId)).toBe('completed');
  });

  it('keeps the first answer under the key, whatever comes after it', async () => {
    const payment = await shop.open();
    const { unknown, failed, succeeded } = reportsOf(payment);
    await shop.settlement.settle(payment, unknown);
    expect(await books.answersOf(shop.db, payment.id)).toEqual([null]);
    await shop.settlement.settle(payment, failed);
    const [answer] = await books.answersOf(shop.db, payment.id);
    expect(answer).toContain('402 ');

    await shop.settlement.settle(payment, succeeded);

    expect((await shop.payments.get(payment.id)).status).toBe('succeeded');
    expect(await books.answersOf(shop.db, payment.id)).toEqual([answer]);
  });
});

describe('what it costs', () => {
  it('is two statements for the intent, and five for the answer', async () => {
    const order = await shop.order();
    let payment: Payment | undefined;

    const first = await books.statementsOf(shop.desk.dataSource, async () => (payment = await shop.open({}, order)));
    expect(first).toEqual(['START TRANSACTION', lines('SELECT id, user_id'), lines('WITH claimed AS'), 'COMMIT']);

    const opened = payment ?? (await shop.open());
    const second = await books.statementsOf(shop.desk.dataSource, () =>
      shop.settlement.settle(opened, reportsOf(opened).succeeded),
    );
    expect(second).toEqual([
      'START TRANSACTION',
      lines('SELECT id, user_id'),
      lines('SELECT p.id'),
      lines('WITH p AS ( UPDATE payments'),
      lines('WITH o AS ( UPDATE orders'),
      lines('UPDATE idempotency_keys'),
      'COMMIT',
    ]);
  });

  function lines(beginning: string): unknown {
    return expect.stringContaining(beginning);
  }
});

describe('a second payment of the same order', () => {
  const both = async (where: PaymentDesk) => {
    const order = await where.order();
    const opened = await Promise.allSettled([where.open({}, order), where.open({}, order)]);
    const live = await where.db.query(`SELECT id FROM payments WHERE order_id = $1`, [order.id]);
    return { refused: opened.filter(({ status }) => status === 'rejected'), live };
  };

  it('is refused by the index, and leaves its key free', async () => {
    const { refused, live } = await both(shop);

    expect(refused).toMatchObject([{ reason: expect.any(PaymentInProgress) }]);
    expect(live).toHaveLength(1);
  });

  it('control: is live, too, without the index', async () => {
    const unguarded = await PaymentDesk.open();
    try {
      await tampering.withoutOneLivePayment(unguarded.db);
      expect(await both(unguarded)).toMatchObject({ refused: [], live: [{}, {}] });
    } finally {
      await unguarded.close();
    }
  });
});

describe('what does not fit', () => {
  it.each([
    ['another amount', { amount: PRICE - 1 }, 'amount-differs'],
    ['another currency', { currency: 'EUR' }, 'currency-differs'],
  ])('%s stops a live payment and calls an operator', async (_, difference, reason) => {
    const payment = await shop.open();

    await shop.settlement.settle(payment, { ...reportsOf(payment).succeeded, ...difference });

    expect(await shop.payments.get(payment.id)).toMatchObject({ status: 'needs_review', capturedAmount: 0 });
    expect(await books.reviewsOf(shop.db, payment.id)).toEqual([reason]);
    expect(await books.bookedFor(shop.db, payment.id)).toEqual([]);
    expect(await books.answersOf(shop.db, payment.id)).toEqual([null]);
    expect(await books.orderStatus(shop.db, payment.orderId)).toBe('pending');
    expect(shop.alarms.raised).toEqual(['payment-needs-review']);
  });

  it('leaves a settled payment as it is, and opens one review however often it is said', async () => {
    const payment = await shop.open();
    const { succeeded } = reportsOf(payment);
    await shop.settlement.settle(payment, succeeded);
    const before = await books.endOf(shop.db, payment.id);
    const foreign = { ...succeeded, providerPaymentId: `pi_${newId()}` };

    await Promise.all([shop.settlement.settle(payment, foreign), shop.settlement.settle(payment, foreign)]);

    expect(await books.reviewsOf(shop.db, payment.id)).toEqual(['another-provider-object']);
    expect((await shop.payments.get(payment.id)).status).toBe('succeeded');
    expect(await books.endOf(shop.db, payment.id)).not.toBe(before);
    expect(shop.alarms.raised).toContain('payment-review-opened');
  });
});
