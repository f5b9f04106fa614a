import type { EventName } from '../../../contracts/domain-events.js';
import type { PaymentFailure } from '../payment.entity.js';
import { isAtProvider, type RefundAtProvider, type RefundReport } from './refund-report.js';
import { REFUND_LIFE, type RefundStatus } from './refund-status.js';
import type { Refund } from './refund.entity.js';

/** What a refund's settlement is decided by, all of it under lock. */
export interface RefundStanding {
  readonly refund: Refund;
  readonly providerPaymentId: string | null;
  /** Minor units of the payment that are captured, and neither returned nor reserved for another refund. */
  readonly left: number;
}

export interface RefundMove {
  readonly kind: 'move';
  readonly to: RefundStatus;
  readonly event: EventName & `refund.${string}`;
  /** What becomes of the reservation; left out, it stays as it is. */
  readonly reservation?: 'released' | 'renewed';
  readonly booking?: 'refund' | 'refund_reversal';
  readonly failure?: PaymentFailure;
  /** An operator has to look as well. */
  readonly review?: string;
}

export type RefundDecision =
  | RefundMove
  /** Nothing to change: known already, or older than what we know. */
  | { readonly kind: 'ignore' }
  /** The status stays; an operator has to look. */
  | { readonly kind: 'review'; readonly reason: string };

const IGNORE: RefundDecision = { kind: 'ignore' };

/**
 * Decides what a provider's report means for a refund. Pure: the same standing and report always give the same decision,
 * in whatever order reports arrive.
 */
export function decideRefund(standing: RefundStanding, report: RefundReport): RefundDecision {
  const { refund } = standing;
  if (isAtProvider(report)) {
    return isSame(standing, report) ? settled(standing, report) : { kind: 'review', reason: 'refund-differs' };
  }
  // Whoever refuses, or does not answer, says nothing about a refund that somebody has answered for.
  if (REFUND_LIFE[refund.status] !== 'open') return IGNORE;
  switch (report.status) {
    case 'failed':
      return ended(refund, report);
    case 'unknown':
      if (refund.status === 'unknown') return IGNORE;
      return { kind: 'move', to: 'unknown', event: 'refund.unknown', failure: report.reason };
    case 'undecidable':
      return { kind: 'review', reason: report.reason.code };
  }
}

function settled(standing: RefundStanding, report: RefundAtProvider): RefundDecision {
  const { refund, left } = standing;
  const life = REFUND_LIFE[refund.status];
  switch (report.status) {
    case 'succeeded':
    case 'pending':
      if (life === 'done') return IGNORE;
      if (life !== 'ended') return accepted(refund, report);
      // Its end was the provider's own word, so this is an older one; or we had given it up, and it arrived after all.
      if (refund.providerRefundId !== null) return IGNORE;
      if (refund.amount > left) return { kind: 'review', reason: 'refund-came-too-late' };
      return { ...gone(refund, report), reservation: 'renewed' };
    case 'failed':
    case 'cancelled':
      return life === 'ended' ? IGNORE : ended(refund, report);
  }
}

type Accepted = Extract<RefundAtProvider, { status: 'succeeded' | 'pending' }>;

function accepted(refund: Refund, report: Accepted): RefundDecision {
  const move = gone(refund, report);
  return refund.status === move.to && !move.booking ? IGNORE : move;
}

/** Money that has left its holder is booked at once, also while the bank still calls it pending. */
function gone({ isBooked }: Refund, report: Accepted): RefundMove {
  const hasLeft = report.status === 'succeeded' || report.hasLeft;
  const booking = hasLeft && !isBooked ? { booking: 'refund' as const } : {};
  return { kind: 'move', to: report.status, event: `refund.${report.status}`, ...booking };
}

type Ended = { readonly status: 'failed'; readonly failure: PaymentFailure } | { readonly status: 'cancelled' };

/** The money stays or came back. Where it had left, or nobody waits for the answer, an operator hears of it. */
function ended({ isBooked, requestedBy }: Refund, report: Ended): RefundMove {
  const move = {
    kind: 'move',
    to: report.status,
    reservation: 'released',
    ...(report.status === 'failed' ? { failure: report.failure } : {}),
  } as const;
  if (isBooked) return { ...move, event: 'refund.reversed', booking: 'refund_reversal', review: 'refund-reversed' };
  const review = requestedBy === null ? { review: 'refund-failed' } : {};
  return { ...move, event: `refund.${report.status}`, ...review };
}

function isSame({ refund, providerPaymentId }: RefundStanding, report: RefundAtProvider): boolean {
  const isOwn = refund.providerRefundId === null || refund.providerRefundId === report.providerRefundId;
  const isOfPayment = report.providerPaymentId === providerPaymentId;
  return isOwn && isOfPayment && refund.amount === report.amount && refund.currency === report.currency;
}
