import type { RefundReport } from './refund-report.js';
import { decideRefund, type RefundMove, type RefundStanding } from './refund-settlement.js';
import { REFUND_STATUSES, type RefundStatus } from './refund-status.js';
import { Refund } from './refund.entity.js';

const call = { op: 'test', key: null, startedAt: new Date(), endedAt: new Date(), requestId: null };
const object = { call, providerRefundId: 're_1', providerPaymentId: 'pi_1', amount: 1_000, currency: 'USD' };
const reason = { kind: 'transport', code: 'no-answer', message: '' } as const;

const REPORTS = {
  succeeded: { ...object, status: 'succeeded' },
  pending: { ...object, status: 'pending', hasLeft: true },
  waiting: { ...object, status: 'pending', hasLeft: false },
  cancelled: { ...object, status: 'cancelled' },
  'failed there': { ...object, status: 'failed', failure: reason },
  refused: { call, status: 'failed', failure: reason },
  unknown: { call, status: 'unknown', reason },
  undecidable: { call, status: 'undecidable', reason },
} as const satisfies Record<string, RefundReport>;
type Reported = keyof typeof REPORTS;

const SUPPORT = 'somebody-of-support';

/** As the books have it: what has succeeded is booked; whatever the provider knows has its id. */
function aRefund(status: RefundStatus, changes: Partial<Refund> = {}): Refund {
  const isKnown = status === 'pending' || status === 'succeeded';
  const facts = { id: 'r', paymentId: 'p', amount: 1_000, currency: 'USD', requestedBy: SUPPORT };
  const state = { status, isBooked: status === 'succeeded', providerRefundId: isKnown ? 're_1' : null };
  return Object.assign(new Refund(), facts, state, changes);
}

function standing(refund: Refund, { left = 0 } = {}): RefundStanding {
  return { refund, providerPaymentId: 'pi_1', left };
}

/** What becomes of it, in words: `succeeded, refund`, `failed, released`, `ignore`. */
function outcome(refund: Refund, report: Reported, rest: { left?: number } = {}): string {
  const decision = decideRefund(standing(refund, rest), REPORTS[report]);
  if (decision.kind !== 'move') return decision.kind;
  return [decision.to, decision.booking, decision.reservation].filter(Boolean).join(', ');
}

function moved(refund: Refund, report: Reported): RefundMove {
  const decision = decideRefund(standing(refund), REPORTS[report]);
  if (decision.kind !== 'move') throw new Error(`nothing moved: ${decision.kind}`);
  return decision;
}

describe('decideRefund', () => {
  it.each([
    ['submitting', 'succeeded', 'succeeded, refund'],
    ['submitting', 'pending', 'pending, refund'],
    ['submitting', 'waiting', 'pending'],
    ['submitting', 'refused', 'failed, released'],
    ['submitting', 'failed there', 'failed, released'],
    ['submitting', 'cancelled', 'cancelled, released'],
    ['submitting', 'unknown', 'unknown'],
    ['submitting', 'undecidable', 'review'],
    ['unknown', 'unknown', 'ignore'],
    ['unknown', 'undecidable', 'review'],
    ['unknown', 'succeeded', 'succeeded, refund'],
    ['unknown', 'refused', 'failed, released'],
    ['pending', 'waiting', 'ignore'],
    ['pending', 'pending', 'pending, refund'],
    ['pending', 'succeeded', 'succeeded, refund'],
    ['pending', 'failed there', 'failed, released'],
    ['pending', 'refused', 'ignore'],
    ['pending', 'unknown', 'ignore'],
    ['pending', 'undecidable', 'ignore'],
    ['succeeded', 'succeeded', 'ignore'],
    ['succeeded', 'pending', 'ignore'],
    ['succeeded', 'refused', 'ignore'],
    ['succeeded', 'unknown', 'ignore'],
    ['succeeded', 'undecidable', 'ignore'],
    ['succeeded', 'failed there', 'failed, refund_reversal, released'],
    ['succeeded', 'cancelled', 'cancelled, refund_reversal, released'],
    ['failed', 'refused', 'ignore'],
    ['failed', 'unknown', 'ignore'],
    ['failed', 'undecidable', 'ignore'],
    ['failed', 'failed there', 'ignore'],
    ['cancelled', 'cancelled', 'ignore'],
  ] as const)('a refund that is %s and reported %s becomes: %s', (status, report, expected) => {
    expect(outcome(aRefund(status), report)).toBe(expected);
  });

  it('books once, and takes back once', () => {
    const pending = aRefund('pending', { isBooked: true });
    expect(outcome(pending, 'pending')).toBe('ignore');
    expect(outcome(pending, 'succeeded')).toBe('succeeded');
    expect(outcome(pending, 'failed there')).toBe('failed, refund_reversal, released');
    expect(outcome(aRefund('failed', { providerRefundId: 're_1' }), 'failed there')).toBe('ignore');
  });

  it('never moves what the provider ended, whatever an older answer says', () => {
    const reports = Object.keys(REPORTS) as Reported[];
    const ended = (['failed', 'cancelled'] as const).map((status) => aRefund(status, { providerRefundId: 're_1' }));
    const outcomes = ended.flatMap((refund) => reports.map((report) => outcome(refund, report, { left: 9_000 })));
    expect(new Set(outcomes)).toEqual(new Set(['ignore']));
  });

  it('takes one we had given up into the books when it fits, and asks an operator when it does not', () => {
    const givenUp = aRefund('failed');
    expect(outcome(givenUp, 'succeeded', { left: 1_000 })).toBe('succeeded, refund, renewed');
    expect(outcome(givenUp, 'pending', { left: 1_000 })).toBe('pending, refund, renewed');
    expect(decideRefund(standing(givenUp, { left: 999 }), REPORTS.succeeded)).toEqual({
      kind: 'review',
      reason: 'refund-came-too-late',
    });
  });

  it('has an operator look where money came back, or nobody waits for the answer', () => {
    expect(moved(aRefund('succeeded'), 'failed there')).toMatchObject({
      event: 'refund.reversed',
      review: 'refund-reversed',
    });
    expect(moved(aRefund('unknown', { requestedBy: null }), 'refused')).toMatchObject({
      event: 'refund.failed',
      review: 'refund-failed',
    });
    expect(moved(aRefund('unknown'), 'refused')).not.toHaveProperty('review');
  });

  it.each([
    ['amount', { amount: 999 }],
    ['currency', { currency: 'EUR' }],
    ['payment', { providerPaymentId: 'pi_2' }],
  ])('takes no report of another %s for its own, whatever its status', (_what, difference) => {
    const decisions = REFUND_STATUSES.map((status) =>
      decideRefund(standing(aRefund(status)), { ...REPORTS.succeeded, ...difference }),
    );
    for (const decision of decisions) expect(decision).toEqual({ kind: 'review', reason: 'refund-differs' });
  });

  it('takes no other object of the provider for its own', () => {
    const known = aRefund('pending', { providerRefundId: 're_2' });
    expect(decideRefund(standing(known), REPORTS.succeeded)).toMatchObject({ reason: 'refund-differs' });
  });

  it.each([
    ['pending, unknown, succeeded', ['pending', 'unknown', 'succeeded', 'waiting'], 'succeeded true'],
    ['pending, succeeded, failed', ['pending', 'succeeded', 'failed there', 'succeeded'], 'failed false'],
  ] as const)('reaches the same end in whatever order they arrive: %s', (_what, reports, expected) => {
    const ends = permute<Reported>(reports).map((order) => order.reduce(after, aRefund('submitting')));
    expect(new Set(ends.map(({ status, isBooked }) => `${status} ${isBooked}`))).toEqual(new Set([expected]));
  });
});

/** The row as it is once the report is settled. */
function after(refund: Refund, report: Reported): Refund {
  const decision = decideRefund(standing(refund), REPORTS[report]);
  if (decision.kind !== 'move') return refund;
  const isBooked = decision.booking ? decision.booking === 'refund' : refund.isBooked;
  const known = 'providerRefundId' in REPORTS[report] ? { providerRefundId: 're_1' } : {};
  return Object.assign(new Refund(), refund, { status: decision.to, isBooked }, known);
}

function permute<T>(items: readonly T[]): T[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item, index) =>
    permute(items.filter((_, other) => other !== index)).map((rest) => [item, ...rest]),
  );
}
