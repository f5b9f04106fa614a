import type { Payment } from '../../payment.entity.js';
import { PAYMENT_LIFE } from '../../payment-status.js';
import type { ProviderReport } from '../../provider-report.js';
import { decide } from '../../settlement/settlement.js';
import type { Mismatch, MismatchClass } from './mismatch.js';

/** One payment object of the provider's list. */
export interface TheirPayment {
  readonly id: string;
  readonly report: ProviderReport;
  /** Which payment and order of ours it says it belongs to. */
  readonly paymentId: string | undefined;
  readonly orderId: string | undefined;
}

/** One of our rows, with what the books around it say. */
export interface OurPayment extends Payment {
  /** What the ledger says was captured, at whoever holds it; null without a booking. */
  readonly bookedAmount: number | null;
  /** An older payment of the same order keeps what it captured, and so does this one. */
  readonly isExtra: boolean;
}

/** The order an object without a row of ours names. */
export interface NamedOrder {
  readonly isKnown: boolean;
  /** A payment of ours that keeps what it captured for this order; null when there is none. */
  readonly paidBy: string | null;
}

export interface PaymentPair {
  readonly theirs: TheirPayment;
  readonly ours: OurPayment | undefined;
  readonly order: NamedOrder;
}

/**
 * Compares one object of the provider with our books. Pure, and one mismatch at most: the one that explains the others.
 * It agrees with `settle()` on what is news, because it asks the same decision.
 */
export function comparePayment({ theirs, ours, order }: PaymentPair): Mismatch | null {
  if (!ours) return compareStray(theirs, order);
  const at = { subject: theirs.id, paymentId: ours.id, cure: 'operator' } as const;
  const isOther = ours.providerPaymentId !== null && ours.providerPaymentId !== theirs.id;
  const isPaid = PAYMENT_LIFE[ours.status] === 'captured';
  if (isOther) return isCaptured(theirs) ? { ...at, class: isPaid ? 'duplicate' : 'missing-row' } : null;
  if (isPaid && !isCaptured(theirs)) return missingCapture(ours);
  const difference = differenceOf(theirs, ours);
  if (difference) return { ...at, class: difference };
  if (isPaid) return compareCaptured(theirs, ours);
  const decision = decide({ payment: ours, isOrderPending: true, hasRival: false }, theirs.report);
  return decision.kind === 'ignore' ? null : { ...at, class: 'late', cure: 'settle' };
}

/** A captured payment of ours that the provider does not know, or has not captured. */
export function missingCapture({ id }: Pick<OurPayment, 'id'>): Mismatch {
  return { class: 'missing-capture', subject: id, paymentId: id, cure: 'operator' };
}

/** Both sides have captured the same: is it booked, and is it the only one? */
function compareCaptured(theirs: TheirPayment, { id, bookedAmount, isExtra }: OurPayment): Mismatch | null {
  const at = { subject: theirs.id, paymentId: id, cure: 'operator' } as const;
  if (bookedAmount === null) return { ...at, class: 'missing-ledger' };
  return isExtra ? { ...at, class: 'duplicate' } : null;
}

/** An object none of our rows is. What names no payment of ours and holds no money is somebody else's. */
function compareStray(theirs: TheirPayment, { isKnown, paidBy }: NamedOrder): Mismatch | null {
  const at = { subject: theirs.id, paymentId: paidBy, cure: 'operator' } as const;
  const isNamed = theirs.paymentId !== undefined;
  if (!isCaptured(theirs)) return isNamed && theirs.report.status !== 'cancelled' ? { ...at, class: 'orphan' } : null;
  if (paidBy !== null) return { ...at, class: 'duplicate' };
  return { ...at, class: isKnown || !isNamed ? 'missing-row' : 'orphan' };
}

function differenceOf(
  { report }: TheirPayment,
  ours: OurPayment,
): Extract<MismatchClass, 'amount' | 'currency'> | null {
  if (!('amount' in report) || report.amount === undefined) return null;
  if (report.currency !== ours.currency) return 'currency';
  return isRightAmount(report.status, report.amount, ours) ? null : 'amount';
}

function isRightAmount(status: ProviderReport['status'], amount: number, ours: OurPayment): boolean {
  const life = PAYMENT_LIFE[ours.status];
  if (status !== 'succeeded') return life !== 'live' || amount === ours.amount;
  if (life === 'captured') {
    return amount === ours.capturedAmount && (ours.bookedAmount === null || ours.bookedAmount === amount);
  }
  return amount === ours.amount || (ours.captureMethod === 'manual' && 0 < amount && amount < ours.amount);
}

function isCaptured({ report }: TheirPayment): boolean {
  return report.status === 'succeeded';
}
