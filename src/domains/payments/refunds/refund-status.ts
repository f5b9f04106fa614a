export const REFUND_STATUSES = [
  'requested',
  'submitting',
  'unknown',
  'pending',
  'succeeded',
  'failed',
  'cancelled',
] as const;

export type RefundStatus = (typeof REFUND_STATUSES)[number];

type Life =
  /** The provider has not said that it has it. */
  | 'open'
  /** The provider has it, and the bank is at it. */
  | 'accepted'
  /** The customer has it; a bank may still send it back. */
  | 'done'
  /** The money stays, and nothing is reserved for it any more. */
  | 'ended';

/** The whole life of a refund on one screen. Its amount is reserved in the payment unless it has ended. */
export const REFUND_LIFE: Readonly<Record<RefundStatus, Life>> = {
  requested: 'open',
  submitting: 'open',
  unknown: 'open',
  pending: 'accepted',
  succeeded: 'done',
  failed: 'ended',
  cancelled: 'ended',
};

/** Whether support can be told how it went; until then the reply is 202 and nothing is stored under their key. */
export function isRefundAnswer(status: RefundStatus): boolean {
  return REFUND_LIFE[status] !== 'open';
}
