import type { Transaction } from './transaction.js';

/** What the accounts ask before a person is erased. Implemented by orders, bound in `app/ports.module.ts`. */
export abstract class PendingOrders {
  /** How many orders of this user are still to be paid: an account that is gone could neither pay nor cancel them. */
  abstract countPending(tx: Transaction, userId: string): Promise<number>;
}
