import type { EventName } from '../../../contracts/domain-events.js';
import type { NextAction, Payment, PaymentFailure } from '../payment.entity.js';
import { PAYMENT_LIFE, type PaymentStatus } from '../payment-status.js';
import type { ProviderReport } from '../provider-report.js';

/** What stands around a payment when its settlement is decided, all of it under lock. */
export interface Standing {
  readonly payment: Payment;
  readonly isOrderPending: boolean;
  /** Whether another payment of the same order is live or succeeded. */
  readonly hasRival: boolean;
}

/** The row's next state. What is not named stays. */
export interface Move {
  readonly kind: 'move';
  readonly to: PaymentStatus;
  readonly event: EventName & `payment.${string}`;
  readonly capture?: number;
  readonly nextAction?: NextAction;
  readonly failure?: PaymentFailure;
  readonly review?: string;
}

export type Decision =
  | Move
  /** Nothing to change: known already, or older than what we know. */
  | { readonly kind: 'ignore' }
  /** The status stays; an operator has to look. */
  | { readonly kind: 'review'; readonly reason: string }
  /** We gave this payment up and it is alive at the provider: it has to be cancelled there. */
  | { readonly kind: 'surface' };

const IGNORE: Decision = { kind: 'ignore' };

/**
 * Decides what a provider's report means for a payment. Pure: the same standing and report always give the same
 * decision, whatever order reports arrive in, and a settled status is never moved back by an older one.
 */
export function decide(standing: Standing, report: ProviderReport): Decision {
  const { payment } = standing;
  const life = PAYMENT_LIFE[payment.status];
  const contradiction = contradictionOf(payment, report);
  if (contradiction) {
    if (payment.status === 'needs_review') return IGNORE;
    return life === 'live'
      ? { kind: 'move', to: 'needs_review', event: 'payment.needs-review', review: contradiction }
      : { kind: 'review', reason: contradiction };
  }
  if (life === 'captured') return IGNORE;
  switch (report.status) {
    case 'succeeded':
      return captured(standing, report.amount);
    case 'authorized':
    case 'requires_action':
      return life === 'live' ? reserved(payment, report) : { kind: 'surface' };
    case 'awaiting_confirmation':
      return life === 'live' ? awaiting(payment, report.nextAction) : IGNORE;
    case 'failed':
      if (life !== 'live') return isNews(payment, report) ? { kind: 'surface' } : IGNORE;
      return { kind: 'move', to: 'failed', event: 'payment.failed', failure: report.failure };
    case 'cancelled':
      return life === 'live' ? { kind: 'move', to: 'cancelled', event: 'payment.cancelled' } : IGNORE;
    case 'unknown':
      if (payment.status !== 'submitting' && !(payment.status === 'unknown' && isNews(payment, report))) return IGNORE;
      return { kind: 'move', to: 'unknown', event: 'payment.unknown', failure: report.reason };
    case 'undecidable':
      if (life !== 'live' || payment.status === 'needs_review') return IGNORE;
      return {
        kind: 'move',
        to: 'needs_review',
        event: 'payment.needs-review',
        failure: report.reason,
        review: report.reason.code,
      };
  }
}

/** Whether the report tells us the provider's id of a payment for the first time. */
function isNews(payment: Payment, report: ProviderReport): boolean {
  return payment.providerPaymentId === null && 'providerPaymentId' in report && Boolean(report.providerPaymentId);
}

/** A success is never dropped: it completes the order if that still waits, else it goes back to the customer. */
function captured({ payment, isOrderPending, hasRival }: Standing, amount: number): Decision {
  const isWanted = isOrderPending && !hasRival;
  const move = { kind: 'move', capture: amount } as const;
  if (isWanted) return { ...move, to: 'succeeded', event: 'payment.succeeded' };
  const review = PAYMENT_LIFE[payment.status] === 'live' ? 'captured-for-a-closed-order' : undefined;
  return { ...move, to: 'late_succeeded', event: 'payment.late-succeeded', ...(review ? { review } : {}) };
}

function reserved(
  { status }: Payment,
  report: Extract<ProviderReport, { status: 'authorized' | 'requires_action' }>,
): Decision {
  if (report.status === 'authorized') {
    return status === 'authorized' ? IGNORE : { kind: 'move', to: 'authorized', event: 'payment.authorized' };
  }
  if (status === 'requires_action' || status === 'authorized') return IGNORE;
  const { nextAction } = report;
  return { kind: 'move', to: 'requires_action', event: 'payment.requires-action', nextAction };
}

function awaiting({ status }: Payment, nextAction: NextAction | null): Decision {
  if (status !== 'submitting' && status !== 'unknown') return IGNORE;
  const action = nextAction ? { nextAction } : {};
  return { kind: 'move', to: 'awaiting_confirmation', event: 'payment.awaiting-confirmation', ...action };
}

/** Amount, currency and object must be the row's own. A partial capture is allowed where we asked for a manual one. */
function contradictionOf(payment: Payment, report: ProviderReport): string | null {
  const providerPaymentId = 'providerPaymentId' in report ? report.providerPaymentId : undefined;
  if (providerPaymentId && payment.providerPaymentId && providerPaymentId !== payment.providerPaymentId) {
    return 'another-provider-object';
  }
  if (report.status === 'unknown' || report.status === 'undecidable' || report.status === 'failed') return null;
  if (report.currency !== payment.currency) return 'currency-differs';
  const isPartialCapture =
    report.status === 'succeeded' &&
    payment.captureMethod === 'manual' &&
    report.amount > 0 &&
    report.amount < payment.amount;
  return report.amount === payment.amount || isPartialCapture ? null : 'amount-differs';
}
