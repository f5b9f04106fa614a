import type { PaymentFailure } from '../payment.entity.js';
import type { ProviderCall } from '../provider-report.js';

/** What we learned about a refund at its provider. Whoever asked hands this to the refunds' `settle()`, which alone decides. */
export type RefundReport = { readonly call: ProviderCall } & (
  | RefundAtProvider
  /** The provider refused to begin. */
  | { readonly status: 'failed'; readonly failure: PaymentFailure }
  /** No answer, or none that decides: the refund stays open and recovery asks again. */
  | { readonly status: 'unknown'; readonly reason: PaymentFailure; readonly alarm?: string }
  /** We cannot find out; an operator has to. */
  | { readonly status: 'undecidable'; readonly reason: PaymentFailure }
);

/** A refund that exists at its provider. */
export type RefundAtProvider = RefundObject &
  (
    | { readonly status: 'succeeded' }
    /** `hasLeft`: the money is off our account already, also if the bank has not paid it out yet. */
    | { readonly status: 'pending'; readonly hasLeft: boolean }
    | { readonly status: 'cancelled' }
    /** Maybe after it had succeeded: the money came back. */
    | { readonly status: 'failed'; readonly failure: PaymentFailure }
  );

interface RefundObject {
  /** Null where there is no provider but an operator. */
  readonly providerRefundId: string | null;
  readonly providerPaymentId: string | null;
  readonly amount: number;
  readonly currency: string;
}

/** A refund as the provider has it, and which of ours it says it is. */
export interface FoundRefund {
  readonly report: RefundReport & RefundAtProvider & { readonly providerRefundId: string };
  /** Undefined for one made in the provider's dashboard. */
  readonly refundId: string | undefined;
}

/** Why there is no answer to a question. It decides nothing. */
export type NoAnswer = Pick<PaymentFailure, 'code'>;

/** All the provider has of one payment, if the list answered to its end. */
export type RefundList = readonly FoundRefund[] | NoAnswer;

export function isAtProvider(report: RefundReport): report is RefundReport & RefundAtProvider {
  return 'providerRefundId' in report;
}
