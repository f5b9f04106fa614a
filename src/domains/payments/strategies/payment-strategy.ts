import type { CaptureRequest, KnownPayment, Payment } from '../payment.entity.js';
import type { ProviderReport } from '../provider-report.js';
import type { KnownRefund, Refund } from '../refunds/refund.entity.js';
import type { RefundList, RefundReport } from '../refunds/refund-report.js';

/** What the provider's own list says about a payment whose provider id we never learned. */
export type ListVerdict =
  | { readonly found: ProviderReport }
  /** The whole window was read and the payment is not in it: it never arrived. */
  | { readonly found: null }
  /** The list did not answer to its end: it decides nothing. */
  | 'no-answer';

/** One way to pay. Never throws for what a provider or a network does: that is an outcome. */
export interface PaymentStrategy {
  readonly provider: string;
  /** Waits in `awaiting_confirmation`; its order is given more time. */
  readonly isConfirmedByOperator: boolean;

  /** Submits the stored request under the stored key: charges at most once per payment, however often it is called. */
  charge(payment: Payment): Promise<ProviderReport>;

  /** Asks what became of a payment whose provider id is known. */
  retrieve(payment: KnownPayment): Promise<ProviderReport>;

  /** Takes what was reserved, all or the part that was asked for: once, however often it is called. */
  capture(payment: KnownPayment & { readonly captureRequest: CaptureRequest }): Promise<ProviderReport>;

  /** Makes it impossible to pay any more, unless it is paid already: then the report says so. */
  cancel(payment: KnownPayment): Promise<ProviderReport>;

  /** Looks for the payment in the provider's list, from `from` to its end. */
  find(payment: Payment, from: Date): Promise<ListVerdict>;

  /** Gives the stored amount back under the stored key: once per refund, however often it is called. */
  refund(refund: Refund, payment: KnownPayment): Promise<RefundReport>;

  /** Asks what became of a refund whose provider id is known. */
  retrieveRefund(refund: KnownRefund, payment: KnownPayment): Promise<RefundReport>;

  /** Every refund the provider has of this payment, whoever made it. */
  listRefunds(payment: KnownPayment): Promise<RefundList>;
}
