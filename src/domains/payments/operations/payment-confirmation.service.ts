import { Injectable } from '@nestjs/common';
import { OrderBook } from '../../../contracts/order-book.js';
import {
  Idempotency,
  RequestInProgress,
  type KeyedRequest,
  type Reply,
} from '../../../platform/database/idempotency.js';
import { recordAct } from '../../../platform/audit/acts.js';
import { violates } from '../../../platform/database/postgres-errors.js';
import { Transactions } from '../../../platform/database/transactions.js';
import { raise } from '../../../shared/errors.js';
import type { Payment } from '../payment.entity.js';
import { AmountDiffers, PaymentNotAwaiting, ReferenceUsed } from '../payment.errors.js';
import { viewPayment, type PaymentView } from '../payment.view.js';
import { PaymentsRepository } from '../payments.repository.js';
import { SettlementService } from '../settlement/settlement.service.js';
import { received } from '../strategies/operator-report.js';
import type { ConfirmPayment } from './operations.dto.js';

@Injectable()
export class PaymentConfirmationService {
  constructor(
    private readonly transactions: Transactions,
    private readonly orders: OrderBook,
    private readonly payments: PaymentsRepository,
    private readonly settlement: SettlementService,
    private readonly idempotency: Idempotency,
  ) {}

  /**
   * An operator says that the money of a transfer or a delivery is here. Exactly the amount that is due, once, and one
   * reference for one payment.
   * @throws PaymentNotFound, PaymentNotAwaiting, AmountDiffers, ReferenceUsed, IdempotencyKeyReused
   */
  async confirm(paymentId: string, request: KeyedRequest, command: ConfirmPayment): Promise<Reply<PaymentView>> {
    const payment = await this.payments.get(paymentId);
    const attempt = await this.idempotency.attempt<PaymentView, PaymentView>(request, () =>
      this.confirmOnce(payment, request, command),
    );
    if (attempt.isFirst) return { status: 200, body: attempt.result, replayed: false };
    return attempt.earlier.reply ?? raise(new RequestInProgress());
  }

  private async confirmOnce(
    { id, orderId }: Payment,
    request: KeyedRequest,
    { reference, receivedAmount }: ConfirmPayment,
  ): Promise<PaymentView> {
    try {
      return await this.transactions.run(async (tx) => {
        await this.orders.lock(tx, orderId);
        const payment = await this.payments.lock(tx, id);
        if (payment.status !== 'awaiting_confirmation') throw new PaymentNotAwaiting(payment.status);
        if (payment.amount !== receivedAmount) throw new AmountDiffers(receivedAmount, payment.amount);
        const settled = await this.settlement.settleIn(tx, payment, received(payment, reference));
        const [before, after] = [{ status: payment.status }, { reference, receivedAmount }];
        await recordAct(tx, { act: 'payments.confirm', subject: `payment-${id}`, before, after });
        const view = viewPayment(settled.payment);
        await this.idempotency.record(tx, { ...request, resourceId: id }, { status: 200, body: view });
        return view;
      });
    } catch (error) {
      throw violates(error, 'payments_provider_payment_id_key') ? new ReferenceUsed(reference) : error;
    }
  }
}
