import type { NextAction, PaymentFailure } from './payment.entity.js';

/** What we learned about a payment at its provider. Whoever asked hands this to `settle()`, which alone decides. */
export type ProviderReport = {
  readonly call: ProviderCall;
} & (
  | ({ readonly status: 'succeeded' } & ProviderObject)
  | ({ readonly status: 'authorized' } & ProviderObject)
  | ({ readonly status: 'requires_action'; readonly nextAction: NextAction } & ProviderObject)
  | ({ readonly status: 'awaiting_confirmation'; readonly nextAction: NextAction | null } & ProviderObject)
  | ({ readonly status: 'cancelled' } & ProviderObject)
  | ({ readonly status: 'failed'; readonly failure: PaymentFailure } & Partial<ProviderObject>)
  /** No answer, or none that decides: the payment stays open and recovery asks again. */
  | {
      readonly status: 'unknown';
      readonly reason: PaymentFailure;
      readonly alarm?: string;
      readonly providerPaymentId?: string;
    }
  /** We cannot find out; an operator has to. */
  | { readonly status: 'undecidable'; readonly reason: PaymentFailure }
);

export interface ProviderObject {
  /** Null where there is no provider but an operator. */
  readonly providerPaymentId: string | null;
  readonly chargeId: string | null;
  /** Minor units; what was captured for `succeeded`, what was asked for otherwise. */
  readonly amount: number;
  readonly currency: string;
}

/** Evidence of one call, kept in `provider_calls`. */
export interface ProviderCall {
  readonly op: string;
  readonly key: string | null;
  readonly startedAt: Date;
  readonly endedAt: Date;
  readonly requestId: string | null;
}
