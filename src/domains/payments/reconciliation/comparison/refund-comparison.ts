import { PAYMENT_LIFE } from '../../payment-status.js';
import type { Refund } from '../../refunds/refund.entity.js';
import type { FoundRefund } from '../../refunds/refund-report.js';
import { decideRefund } from '../../refunds/refund-settlement.js';
import { REFUND_LIFE } from '../../refunds/refund-status.js';
import { leftOf } from '../../refunds/refunds.repository.js';
import type { Mismatch } from './mismatch.js';
import type { OurPayment } from './payment-comparison.js';

/** One of our refunds, and what the ledger says of it. */
export interface OurRefund extends Refund {
  readonly isInLedger: boolean;
}

export interface RefundPair {
  readonly theirs: FoundRefund;
  readonly ours: OurRefund | undefined;
  /** The payment it goes back on, as far as we have it. */
  readonly payment: OurPayment | undefined;
}

/** Compares one refund of the provider with our books. Pure; asks the decision `settle()` asks. */
export function compareRefund({ theirs, ours, payment }: RefundPair): Mismatch | null {
  const subject = theirs.report.providerRefundId;
  // A refund of what we have not captured is of an object that is reported itself, or of a reservation that was let go.
  if (!payment || PAYMENT_LIFE[payment.status] !== 'captured') return null;
  const at = { subject, paymentId: payment.id } as const;
  if (!ours) return compareFound(theirs, payment);
  const standing = { refund: ours, providerPaymentId: payment.providerPaymentId, left: leftOf(payment) };
  const { kind } = decideRefund(standing, theirs.report);
  if (kind === 'move') return { ...at, class: 'refund-differs', cure: 'settle' };
  if (kind === 'review' || contradicts(ours, theirs)) return { ...at, class: 'refund-differs', cure: 'operator' };
  return REFUND_LIFE[ours.status] === 'done' && !ours.isInLedger
    ? { ...at, class: 'missing-ledger', cure: 'operator' }
    : null;
}

/** Somebody made it in the dashboard. It is adopted where it fits; one that came back by itself needs nothing. */
function compareFound({ report }: FoundRefund, payment: OurPayment): Mismatch | null {
  if (report.status === 'failed' || report.status === 'cancelled') return null;
  const isFitting = report.amount <= leftOf(payment) && report.currency === payment.currency;
  const at = { subject: report.providerRefundId, paymentId: payment.id } as const;
  return { ...at, class: 'dashboard-refund', cure: isFitting ? 'settle' : 'operator' };
}

/** A refund of ours that the provider does not have. */
export function missingRefund({ id, paymentId }: Pick<Refund, 'id' | 'paymentId'>): Mismatch {
  return { class: 'refund-missing', subject: id, paymentId, cure: 'operator' };
}

/** Settling takes an older word than the one we have for nothing new; here the provider was asked just now. */
function contradicts({ status }: Refund, { report }: FoundRefund): boolean {
  const life = REFUND_LIFE[status];
  if (life === 'done') return report.status === 'pending';
  return life === 'ended' && (report.status === 'succeeded' || report.status === 'pending');
}
