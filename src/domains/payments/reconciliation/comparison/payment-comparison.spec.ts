import fc from 'fast-check';
import { Payment } from '../../payment.entity.js';
import { PAYMENT_LIFE, PAYMENT_STATUSES, type PaymentStatus } from '../../payment-status.js';
import type { ProviderReport } from '../../provider-report.js';
import { decide } from '../../settlement/settlement.js';
import {
  comparePayment,
  type NamedOrder,
  type OurPayment,
  type PaymentPair,
  type TheirPayment,
} from './payment-comparison.js';

const call = { op: 'test', key: null, startedAt: new Date(), endedAt: new Date(), requestId: null };
const reason = { kind: 'transport', code: 'no-answer', message: '' } as const;
const NO_ORDER: NamedOrder = { isKnown: false, paidBy: null };
const PRICE = 1_000;

function ours(status: PaymentStatus, facts: Partial<OurPayment> = {}): OurPayment {
  const isCaptured = PAYMENT_LIFE[status] === 'captured';
  const booked = { capturedAmount: isCaptured ? PRICE : 0, bookedAmount: isCaptured ? PRICE : null };
  return Object.assign(new Payment(), {
    id: 'p-1',
    orderId: 'o-1',
    amount: PRICE,
    currency: 'USD',
    captureMethod: 'automatic' as const,
    status,
    providerPaymentId: 'pi_1',
    refundedAmount: 0,
    isExtra: false,
    ...booked,
    ...facts,
  });
}

function theirs(
  status: ProviderReport['status'],
  facts: Partial<TheirPayment> & { amount?: number; currency?: string } = {},
): TheirPayment {
  const { amount = PRICE, currency = 'USD', ...names } = facts;
  const object = { call, providerPaymentId: names.id ?? 'pi_1', chargeId: null, amount, currency };
  const report: Record<ProviderReport['status'], ProviderReport> = {
    succeeded: { ...object, status: 'succeeded' },
    authorized: { ...object, status: 'authorized' },
    requires_action: { ...object, status: 'requires_action', nextAction: { type: 'confirm', clientSecret: 's' } },
    awaiting_confirmation: { ...object, status: 'awaiting_confirmation', nextAction: null },
    cancelled: { ...object, status: 'cancelled' },
    failed: { ...object, status: 'failed', failure: { ...reason, kind: 'card' } },
    unknown: { call, status: 'unknown', reason, providerPaymentId: object.providerPaymentId },
    undecidable: { call, status: 'undecidable', reason },
  };
  return { id: 'pi_1', report: report[status], paymentId: 'p-1', orderId: 'o-1', ...names };
}

function classOf(pair: Partial<PaymentPair> & { theirs: TheirPayment }): string | undefined {
  return comparePayment({ ours: undefined, order: NO_ORDER, ...pair })?.class;
}

describe('an object and its row', () => {
  it.each([
    ['succeeded', 'succeeded', undefined],
    ['late_succeeded', 'succeeded', undefined],
    ['failed', 'failed', undefined],
    ['failed', 'cancelled', undefined],
    ['cancelled', 'cancelled', undefined],
    ['requires_action', 'requires_action', undefined],
    ['authorized', 'authorized', undefined],
    ['unknown', 'unknown', undefined],
    ['submitting', 'succeeded', 'late'],
    ['unknown', 'succeeded', 'late'],
    ['requires_action', 'succeeded', 'late'],
    ['authorized', 'succeeded', 'late'],
    ['needs_review', 'succeeded', 'late'],
    ['failed', 'succeeded', 'late'],
    ['cancelled', 'succeeded', 'late'],
    ['authorized', 'cancelled', 'late'],
    ['requires_action', 'failed', 'late'],
    ['failed', 'authorized', 'late'],
    ['succeeded', 'cancelled', 'missing-capture'],
    ['succeeded', 'requires_action', 'missing-capture'],
    ['late_succeeded', 'authorized', 'missing-capture'],
  ] as const)('that are %s here and %s there: %s', (here, there, expected) => {
    expect(classOf({ ours: ours(here), theirs: theirs(there) })).toBe(expected);
  });

  it.each([
    ['another amount', { amount: PRICE - 1 }, 'amount'],
    ['another currency', { currency: 'EUR' }, 'currency'],
    ['another currency and amount', { amount: 1, currency: 'EUR' }, 'currency'],
  ])('that say %s differ, whatever the row’s status', (_what, facts, expected) => {
    for (const status of ['succeeded', 'unknown', 'failed'] as const) {
      expect(classOf({ ours: ours(status), theirs: theirs('succeeded', facts) })).toBe(expected);
    }
  });

  it('agree on a part where the capture was ours to make', () => {
    const part = theirs('succeeded', { amount: 400 });
    const manual = { captureMethod: 'manual', capturedAmount: 400, bookedAmount: 400 } as const;
    expect(classOf({ ours: ours('succeeded', manual), theirs: part })).toBeUndefined();
    expect(classOf({ ours: ours('authorized', { captureMethod: 'manual' }), theirs: part })).toBe('late');
    expect(classOf({ ours: ours('authorized'), theirs: part })).toBe('amount');
  });

  it('are looked for in the ledger', () => {
    expect(classOf({ ours: ours('succeeded', { bookedAmount: null }), theirs: theirs('succeeded') })).toBe(
      'missing-ledger',
    );
    expect(classOf({ ours: ours('succeeded', { bookedAmount: 1 }), theirs: theirs('succeeded') })).toBe('amount');
  });

  it('are one too many where an older payment of the order keeps its money', () => {
    expect(classOf({ ours: ours('succeeded', { isExtra: true }), theirs: theirs('succeeded') })).toBe('duplicate');
  });

  it('are not each other where the row is another object', () => {
    const other = theirs('succeeded', { id: 'pi_2' });
    expect(classOf({ ours: ours('succeeded'), theirs: other })).toBe('duplicate');
    expect(classOf({ ours: ours('failed'), theirs: other })).toBe('missing-row');
    expect(classOf({ ours: ours('succeeded'), theirs: theirs('requires_action', { id: 'pi_2' }) })).toBeUndefined();
  });
});

describe('an object without a row', () => {
  const nameless = { paymentId: undefined, orderId: undefined };
  const known = { isKnown: true, paidBy: null };

  it.each<[string, Omit<PaymentPair, 'ours'>, string | undefined]>([
    ['is stray money when captured for an order of ours', { theirs: theirs('succeeded'), order: known }, 'missing-row'],
    [
      'is stray money when captured for nobody',
      { theirs: theirs('succeeded', nameless), order: NO_ORDER },
      'missing-row',
    ],
    ['pays twice', { theirs: theirs('succeeded'), order: { isKnown: true, paidBy: 'p-0' } }, 'duplicate'],
    ['is an orphan when nothing it names is ours', { theirs: theirs('succeeded'), order: NO_ORDER }, 'orphan'],
    ['is an orphan while it can be paid', { theirs: theirs('requires_action'), order: known }, 'orphan'],
    ['is nothing when it was cancelled', { theirs: theirs('cancelled'), order: NO_ORDER }, undefined],
    ['is somebody else’s', { theirs: theirs('authorized', nameless), order: NO_ORDER }, undefined],
  ])('%s', (_what, pair, expected) => {
    expect(classOf(pair)).toBe(expected);
  });
});

describe('for any status, amount and report', () => {
  const statuses = fc.constantFrom(...PAYMENT_STATUSES.filter((status) => status !== 'awaiting_confirmation'));
  const reports = fc.constantFrom(
    'succeeded',
    'authorized',
    'requires_action',
    'cancelled',
    'failed',
    'unknown' as const,
  );
  const amounts = fc.integer({ min: 1, max: 99_999_999 });
  const anything = fc.record({ status: statuses, there: reports, amount: amounts, isFirst: fc.boolean() });
  const captured = fc.record({ status: statuses, amount: amounts, difference: fc.constantFrom(-1, 1) });

  it('what is late is exactly what settling would move, and once settled nothing differs', () => {
    fc.assert(
      fc.property(anything, ({ status, there, amount, isFirst }) => {
        const isCaptured = PAYMENT_LIFE[status] === 'captured';
        const money = { amount, capturedAmount: isCaptured ? amount : 0, bookedAmount: isCaptured ? amount : null };
        const row = ours(status, { ...money, providerPaymentId: isFirst && !isCaptured ? null : 'pi_1' });
        const object = theirs(there, { amount });
        const found = comparePayment({ ours: row, theirs: object, order: NO_ORDER });
        const decision = decide({ payment: row, isOrderPending: true, hasRival: false }, object.report);
        expect(found?.class === 'late').toBe(decision.kind !== 'ignore');
        if (decision.kind !== 'move') return;
        const booked = decision.capture ?? row.bookedAmount;
        const facts = { ...money, capturedAmount: decision.capture ?? 0, bookedAmount: booked };
        const settled = ours(decision.to, { ...facts, providerPaymentId: 'pi_1' });
        expect(comparePayment({ ours: settled, theirs: object, order: NO_ORDER })).toBeNull();
      }),
    );
  });

  it('one unit more or less of a capture is always seen', () => {
    fc.assert(
      fc.property(captured, ({ status, amount, difference }) => {
        const isCaptured = PAYMENT_LIFE[status] === 'captured';
        const row = ours(status, {
          amount,
          capturedAmount: isCaptured ? amount : 0,
          bookedAmount: isCaptured ? amount : null,
        });
        expect(classOf({ ours: row, theirs: theirs('succeeded', { amount: amount + difference }) })).toBe('amount');
      }),
    );
  });
});
