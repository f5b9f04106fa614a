import type { Transaction } from './transaction.js';

export interface LivePayment {
  readonly id: string;
  readonly status: string;
}

/** What orders ask of payments. Implemented by payments, bound in `app/ports.module.ts`. */
export abstract class OpenPayments {
  /** The live payment of an order the caller has locked, or null. */
  abstract liveOf(tx: Transaction, orderId: string): Promise<LivePayment | null>;
}

/** What orders want of payments when they end themselves. */
export abstract class PaymentEnding {
  /**
   * Cancels the order's payment where that can be done: at the provider if there is one, before any lock is taken.
   * What cannot be cancelled now is left; the caller finds it by `liveOf`.
   */
  abstract endLive(orderId: string): Promise<void>;

  /** Cancels a payment that waits for an operator, together with its order, which the caller has locked. */
  abstract endAwaiting(tx: Transaction, orderId: string, payment: LivePayment): Promise<boolean>;
}
