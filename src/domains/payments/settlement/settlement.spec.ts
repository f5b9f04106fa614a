import { Payment } from '../payment.entity.js';
import { PAYMENT_LIFE, PAYMENT_STATUSES, type PaymentStatus } from '../payment-status.js';
import type { ProviderReport } from '../provider-report.js';
import { decide, type Standing } from './settlement.js';

const call = { op: 'test', key: null, startedAt: new Date(), endedAt: new Date(), requestId: null };
const object = { call, providerPaymentId: 'pi_1', chargeId: 'ch_1', amount: 1_000, currency: 'USD' };
const reason = { kind: 'transport', code: 'no-answer', message: '' } as const;

const REPORTS = {
  succeeded: { ...object, status: 'succeeded' },
  authorized: { ...object, status: 'authorized' },
  requires_action: { ...object, status: 'requires_action', nextAction: { type: 'confirm', clientSecret: 's' } },
  awaiting_confirmation: { ...object, status: 'awaiting_confirmation', nextAction: null },
  cancelled: { ...object, status: 'cancelled' },
  failed: { call, status: 'failed', failure: { ...reason, kind: 'card' } },
  unknown: { call, status: 'unknown', reason },
  undecidable: { call, status: 'undecidable', reason },
} as const satisfies Record<ProviderReport['status'], ProviderReport>;

function standing(
  status: PaymentStatus,
  rest: Partial<Omit<Standing, 'payment'>> & { payment?: Partial<Payment> } = {},
): Standing {
  const facts = { id: 'p', orderId: 'o', amount: 1_000, currency: 'USD', captureMethod: 'automatic' as const };
  const payment = Object.assign(new Payment(), facts, { status, providerPaymentId: null }, rest.payment);
  return { isOrderPending: true, hasRival: false, ...rest, payment };
}

function outcome(status: PaymentStatus, report: keyof typeof REPORTS, rest: Partial<Standing> = {}): string {
  const decision = decide(standing(status, rest), REPORTS[report]);
  return decision.kind === 'move' ? decision.to : decision.kind;
}

describe('decide', () => {
  it.each([
    // status, report, decision
    ['submitting', 'succeeded', 'succeeded'],
    ['submitting', 'authorized', 'authorized'],
    ['submitting', 'requires_action', 'requires_action'],
    ['submitting', 'awaiting_confirmation', 'awaiting_confirmation'],
    ['awaiting_confirmation', 'awaiting_confirmation', 'ignore'],
    ['awaiting_confirmation', 'succeeded', 'succeeded'],
    ['awaiting_confirmation', 'cancelled', 'cancelled'],
    ['submitting', 'failed', 'failed'],
    ['submitting', 'cancelled', 'cancelled'],
    ['submitting', 'unknown', 'unknown'],
    ['submitting', 'undecidable', 'needs_review'],
    ['unknown', 'succeeded', 'succeeded'],
    ['unknown', 'unknown', 'ignore'],
    ['unknown', 'failed', 'failed'],
    ['requires_action', 'succeeded', 'succeeded'],
    ['requires_action', 'requires_action', 'ignore'],
    ['requires_action', 'cancelled', 'cancelled'],
    ['authorized', 'requires_action', 'ignore'],
    ['authorized', 'succeeded', 'succeeded'],
    ['needs_review', 'succeeded', 'succeeded'],
    ['needs_review', 'undecidable', 'ignore'],
    ['failed', 'succeeded', 'succeeded'],
    ['failed', 'requires_action', 'surface'],
    ['failed', 'authorized', 'surface'],
    ['failed', 'failed', 'ignore'],
    ['cancelled', 'cancelled', 'ignore'],
    ['cancelled', 'succeeded', 'succeeded'],
  ] as const)('a payment that is %s and reported %s becomes %s', (status, report, expected) => {
    expect(outcome(status, report)).toBe(expected);
  });

  it('never moves a captured payment, whatever an older answer says', () => {
    const captured = PAYMENT_STATUSES.filter((status) => PAYMENT_LIFE[status] === 'captured');
    const reports = Object.keys(REPORTS) as (keyof typeof REPORTS)[];
    const moved = captured.flatMap((status) => reports.map((report) => outcome(status, report)));
    expect(new Set(moved)).toEqual(new Set(['ignore']));
  });

  it('reaches the same end in whatever order the reports of one object arrive', () => {
    const permutations = permute(['requires_action', 'unknown', 'succeeded', 'requires_action', 'succeeded'] as const);
    const ends = permutations.map((reports) =>
      reports.reduce<PaymentStatus>((status, report) => {
        const decision = decide(standing(status), REPORTS[report]);
        return decision.kind === 'move' ? decision.to : status;
      }, 'submitting'),
    );
    expect(new Set(ends)).toEqual(new Set(['succeeded']));
  });

  it('gives a late success back when another payment holds the order', () => {
    expect(outcome('failed', 'succeeded', { hasRival: true })).toBe('late_succeeded');
    expect(outcome('cancelled', 'succeeded', { isOrderPending: false })).toBe('late_succeeded');
  });

  it('books what was captured, and nothing else', () => {
    const decision = decide(standing('submitting'), REPORTS.succeeded);
    expect(decision).toMatchObject({ capture: 1_000 });
    expect(decide(standing('submitting'), REPORTS.authorized)).not.toHaveProperty('capture');
  });

  it.each([
    ['amount', { amount: 999 }, 'amount-differs'],
    ['currency', { currency: 'EUR' }, 'currency-differs'],
  ])('takes no %s that is not the row’s own', (_what, difference, review) => {
    const report = { ...REPORTS.succeeded, ...difference };
    expect(decide(standing('submitting'), report)).toMatchObject({ to: 'needs_review', review });
    expect(decide(standing('failed'), report)).toEqual({ kind: 'review', reason: review });
  });

  it('takes no other object of the provider for the payment’s own', () => {
    const payment = { providerPaymentId: 'pi_2' };
    expect(decide(standing('unknown', { payment }), REPORTS.succeeded)).toMatchObject({
      review: 'another-provider-object',
    });
  });

  it('accepts a part only where the capture was ours to make', () => {
    const part = { ...REPORTS.succeeded, amount: 400 };
    const manual = standing('authorized', { payment: { captureMethod: 'manual' } });
    expect(decide(manual, part)).toMatchObject({ to: 'succeeded', capture: 400 });
  });

  it('remembers the provider’s id as soon as anybody names it', () => {
    const processing = { ...REPORTS.unknown, providerPaymentId: 'pi_1' };
    expect(decide(standing('unknown'), processing)).toMatchObject({ to: 'unknown' });
    expect(decide(standing('unknown', { payment: { providerPaymentId: 'pi_1' } }), processing)).toEqual({
      kind: 'ignore',
    });
  });
});

function permute<T>(items: readonly T[]): T[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item, index) =>
    permute(items.filter((_, other) => other !== index)).map((rest) => [item, ...rest]),
  );
}
