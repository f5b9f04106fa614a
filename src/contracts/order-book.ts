import type { Transaction } from './transaction.js';

export interface PayableOrder {
  readonly id: string;
  readonly userId: string;
  readonly totalAmount: number;
  readonly currency: string;
}

export interface OrderStanding extends PayableOrder {
  readonly status: 'pending' | 'completed' | 'cancelled';
}

/** What payments ask of orders. Implemented by orders, bound in `app/ports.module.ts`. */
export abstract class OrderBook {
  /**
   * Locks the caller's own pending, unexpired order.
   * @throws OrderNotFound when it is not theirs, OrderNotPayable when it is no longer pending.
   */
  abstract lockPayable(tx: Transaction, orderId: string, userId: string): Promise<PayableOrder>;

  /** Locks the order, whatever its status: always before its payments. */
  abstract lock(tx: Transaction, orderId: string): Promise<OrderStanding>;

  /** Gives a locked pending order until `seconds` from now: somebody has to move real money first. */
  abstract extend(tx: Transaction, orderId: string, seconds: number): Promise<void>;

  /** Moves a locked pending order to `completed`; false when it is not pending any more. */
  abstract complete(tx: Transaction, orderId: string): Promise<boolean>;

  /** Whether the order exists and `userId` owns it; `userId` null asks for staff, who see every order. */
  abstract isVisible(orderId: string, userId: string | null): Promise<boolean>;
}
