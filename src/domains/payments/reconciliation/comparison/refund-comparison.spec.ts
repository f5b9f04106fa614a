import { Payment } from '../../payment.entity.js';
import { Refund } from '../../refunds/refund.entity.js';
import type { FoundRefund } from '../../refunds/refund-report.js';
import type { RefundStatus } from '../../refunds/refund-status.js';
import type { OurPayment } from './payment-comparison.js';
import { compareRefund, missingRefund, type OurRefund } from './refund-comparison.js';

const call = { op: 'test', key: null, startedAt: new Date(), endedAt: new Date(), requestId: null };
const failure = { kind: 'request', code: 'expired_card', message: '' } as const;
const PRICE = 1_000;
const PART = 400;

function payment(facts: Partial<OurPayment> = {}): OurPayment {
  return Object.assign(new Payment(), {
    id: 'p-1',
    status: 'succeeded' as const,
    currency: 'USD',
    capturedAmount: PRICE,
    refundedAmount: PART,
    providerPaymentId: 'pi_1',
    bookedAmount: PRICE,
    isExtra: false,
    ...facts,
  });
}

function ours(status: RefundStatus, facts: Partial<OurRefund> = {}): OurRefund {
  const isBooked = status === 'succeeded' || status === 'pending';
  const refund = { id: 'r-1', paymentId: 'p-1', amount: PART, currency: 'USD', status, providerRefundId: 're_1' };
  return Object.assign(new Refund(), { ...refund, requestedBy: 'u-1', isBooked, isInLedger: isBooked, ...facts });
}

function theirs(status: 'succeeded' | 'pending' | 'failed' | 'cancelled', amount = PART): FoundRefund {
  const object = { call, providerRefundId: 're_1', providerPaymentId: 'pi_1', amount, currency: 'USD' };
  const ends = status === 'failed' ? { ...object, status, failure } : { ...object, status, hasLeft: true };
  return { report: ends, refundId: 'r-1' };
}

const found = (pair: { theirs: FoundRefund; ours?: OurRefund; payment?: OurPayment }) => {
  const mismatch = compareRefund({ ours: undefined, payment: payment(), ...pair });
  return mismatch && `${mismatch.class} ${mismatch.cure}`;
};

it.each([
  ['succeeded', 'succeeded', null],
  ['pending', 'pending', null],
  ['failed', 'failed', null],
  ['cancelled', 'cancelled', null],
  ['unknown', 'succeeded', 'refund-differs settle'],
  ['submitting', 'pending', 'refund-differs settle'],
  ['pending', 'succeeded', 'refund-differs settle'],
  ['succeeded', 'failed', 'refund-differs settle'],
  ['succeeded', 'pending', 'refund-differs operator'],
  ['failed', 'succeeded', 'refund-differs operator'],
] as const)('a refund that is %s here and %s there: %s', (here, there, expected) => {
  expect(found({ theirs: theirs(there), ours: ours(here) })).toBe(expected);
});

it('of another amount is for an operator, and one that is not in the ledger, too', () => {
  expect(found({ theirs: theirs('succeeded', PART - 1), ours: ours('succeeded') })).toBe('refund-differs operator');
  expect(found({ theirs: theirs('succeeded'), ours: ours('succeeded', { isInLedger: false }) })).toBe(
    'missing-ledger operator',
  );
});

it('made in the dashboard is adopted where it fits, and nothing where it came back or was none', () => {
  expect(found({ theirs: theirs('succeeded', PRICE - PART) })).toBe('dashboard-refund settle');
  expect(found({ theirs: theirs('succeeded', PRICE - PART + 1) })).toBe('dashboard-refund operator');
  expect(found({ theirs: theirs('failed') })).toBeNull();
  const letGo = payment({ status: 'cancelled', capturedAmount: 0, refundedAmount: 0 });
  expect(found({ theirs: theirs('succeeded'), payment: letGo })).toBeNull();
});

it('that the provider does not have is named by our row', () => {
  expect(missingRefund(ours('succeeded'))).toMatchObject({ class: 'refund-missing', subject: 'r-1', paymentId: 'p-1' });
});
