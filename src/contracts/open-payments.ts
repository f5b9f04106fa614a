import type { Transaction } from './transaction.js';

/** What orders ask of payments. Implemented by payments, bound in `app/ports.module.ts`. */
export abstract class OpenPayments {
  /** The live payment of an order the caller has locked, or null. */
  abstract liveOf(tx: Transaction, orderId: string): Promise<{ id: string; status: string } | null>;
}
