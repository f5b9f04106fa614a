export const PAYMENT_STATUSES = [
  'submitting',
  'unknown',
  'requires_action',
  'authorized',
  'awaiting_confirmation',
  'needs_review',
  'succeeded',
  'late_succeeded',
  'failed',
  'cancelled',
] as const;

export type PaymentStatus = (typeof PAYMENT_STATUSES)[number];

type Life =
  /** Blocks a second payment of its order; the provider may still move it. */
  | 'live'
  /** Captured. `succeeded` also blocks a second payment. */
  | 'captured'
  /** We stopped waiting for it. Only a late success can move it. */
  | 'given-up';

/** The whole life of a payment on one screen (the partial unique index repeats `live` and `succeeded`). */
export const PAYMENT_LIFE: Readonly<Record<PaymentStatus, Life>> = {
  submitting: 'live',
  unknown: 'live',
  requires_action: 'live',
  authorized: 'live',
  awaiting_confirmation: 'live',
  needs_review: 'live',
  succeeded: 'captured',
  late_succeeded: 'captured',
  failed: 'given-up',
  cancelled: 'given-up',
};

const NOT_KNOWN_YET: ReadonlySet<PaymentStatus> = new Set(['submitting', 'unknown', 'needs_review']);

/** Whether the customer can be told how it went; until then the reply is 202 and nothing is stored under their key. */
export function isAnswer(status: PaymentStatus): boolean {
  return !NOT_KNOWN_YET.has(status);
}

/** A reserved amount lapses at the provider after days: looking once an hour is plenty. */
export const AUTHORIZED_CHECK_MS = 3_600_000;
