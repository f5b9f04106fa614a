import { Injectable } from '@nestjs/common';
import { OpenPayments, PaymentEnding } from '../../contracts/open-payments.js';
import { PaymentInProgress } from '../../contracts/payment-errors.js';
import { ProductShelf } from '../../contracts/product-shelf.js';
import type { Transaction } from '../../contracts/transaction.js';
import { Transactions } from '../../platform/database/transactions.js';
import { recordAct, type PerformedAct } from '../../platform/audit/acts.js';
import { raise } from '../../shared/errors.js';
import { OrderCompleted } from './order.errors.js';
import type { OrderView } from './order.view.js';
import { OrdersRepository, type CancelCause } from './orders.repository.js';

/** Gives an order up, by hand or by time. Whoever cancels first gives the stock back; nobody does it again. */
@Injectable()
export class OrderCancellationService {
  constructor(
    private readonly orders: OrdersRepository,
    private readonly payments: OpenPayments,
    private readonly ending: PaymentEnding,
    private readonly shelf: ProductShelf,
    private readonly transactions: Transactions,
  ) {}

  /**
   * Cancels a pending order. A payment that waits for its customer, a capture or an operator is cancelled first; one
   * whose outcome is not known holds the order. A cancelled order is shown as it is. `userId` null is staff.
   * @throws OrderNotFound, OrderCompleted, PaymentInProgress
   */
  async cancel(id: string, userId: string | null, words?: string): Promise<OrderView> {
    const { status: before } = (await this.orders.get(id, userId)).parse();
    if (before === 'pending') await this.ending.endLive(id);
    const cancelled = await this.transactions.run(async (tx) => {
      const { status } = await this.orders.lockVisible(tx, id, userId);
      if (status === 'cancelled') return null;
      if (status === 'completed') throw new OrderCompleted(id);
      const payment = await this.payments.liveOf(tx, id);
      if (payment) throw new PaymentInProgress(id, payment);
      if (userId === null) await recordAct(tx, actOf(id, words));
      return this.giveUp(tx, id, { cause: 'requested', words });
    });
    return cancelled ?? (await this.orders.get(id, userId)).parse();
  }

  /** Cancels an order whose time is over; false when it is settled, held by a payment, or in somebody else's hands. */
  expire(id: string): Promise<boolean> {
    return this.transactions.run(async (tx) => {
      if (!(await this.orders.lockExpired(tx, id))) return false;
      const payment = await this.payments.liveOf(tx, id);
      if (payment && !(await this.ending.endAwaiting(tx, id, payment))) return false;
      await this.giveUp(tx, id, { cause: 'expired' });
      return true;
    });
  }

  private async giveUp(tx: Transaction, id: string, why: { cause: CancelCause; words?: string }): Promise<OrderView> {
    await this.shelf.giveBack(tx, await this.orders.itemsOf(tx, id));
    const view = await this.orders.cancel(tx, id, why);
    return view ?? raise(new Error(`order ${id} left pending while it was locked`));
  }
}

/** Staff cancel for somebody else; a customer who gives up their own order is no act of the shop. */
function actOf(orderId: string, reason?: string): PerformedAct {
  const after = { status: 'cancelled', reason: reason ?? null };
  return { act: 'orders.cancel', subject: `order-${orderId}`, before: { status: 'pending' }, after };
}
