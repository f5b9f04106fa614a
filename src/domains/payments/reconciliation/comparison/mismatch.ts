/** Every way in which the provider's account and our books can differ. */
export const MISMATCH_CLASSES = [
  /** Money was captured for an order of ours, or by nobody we know, and no payment of ours is it: stray money. */
  'missing-row',
  /** A payment of ours is captured, and the provider has captured nothing: phantom money. */
  'missing-capture',
  'amount',
  'currency',
  /** The provider has captured a second time what an order was paid with. */
  'duplicate',
  /** An object of the provider names a payment, and an order, that we do not have. */
  'orphan',
  /** The provider has ended or moved a payment, and we have not heard of it. */
  'late',
  /** Somebody gave money back in the provider's dashboard. */
  'dashboard-refund',
  /** A refund of ours is under way or done, and the provider does not have it. */
  'refund-missing',
  /** A refund is another one at the provider: in status, amount, or payment. */
  'refund-differs',
  /** What was captured or given back is not in the ledger. */
  'missing-ledger',
] as const;

export type MismatchClass = (typeof MISMATCH_CLASSES)[number];

export interface Mismatch {
  readonly class: MismatchClass;
  /** What differs: the provider's object, or our row where the provider has none. One finding per class and subject. */
  readonly subject: string;
  /** The payment an operator would look at; null where there is none. */
  readonly paymentId: string | null;
  /** `settle`: asking the provider again and settling it is all there is to do. */
  readonly cure: 'settle' | 'operator';
}
