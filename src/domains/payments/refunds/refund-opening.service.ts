import { Inject, Injectable } from '@nestjs/common';
import { recordAct } from '../../../platform/audit/acts.js';
import { CONFIG, type Config } from '../../../platform/config/config.js';
import type { KeyedRequest } from '../../../platform/database/idempotency.js';
import { Transactions } from '../../../platform/database/transactions.js';
import { isKnown, type KnownPayment } from '../payment.entity.js';
import { PAYMENT_LIFE } from '../payment-status.js';
import { PaymentsRepository } from '../payments.repository.js';
import type { Refund } from './refund.entity.js';
import { PaymentNotRefundable, RefundExceedsCaptured } from './refund.errors.js';
import type { RefundPayment } from './refunds.dto.js';
import { leftOf, RefundsRepository } from './refunds.repository.js';

@Injectable()
export class RefundOpeningService {
  constructor(
    private readonly transactions: Transactions,
    private readonly payments: PaymentsRepository,
    private readonly refunds: RefundsRepository,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * Commits that `amount`, or all that is left, goes back, and reserves it: from here on recovery owns whatever the
   * caller does not finish. The currency is the payment's.
   * @throws PaymentNotFound, PaymentNotRefundable, RefundExceedsCaptured, KeyTaken, RequestInProgress
   */
  open(
    paymentId: string,
    request: KeyedRequest,
    { amount, reason }: RefundPayment,
  ): Promise<{ refund: Refund; payment: KnownPayment }> {
    return this.transactions.run(async (tx) => {
      const payment = await this.payments.lock(tx, paymentId);
      if (PAYMENT_LIFE[payment.status] !== 'captured' || !isKnown(payment)) {
        throw new PaymentNotRefundable(payment.status);
      }
      const left = leftOf(payment);
      if (left === 0) throw new RefundExceedsCaptured(amount ?? 0, left);
      const firstCheckMs = this.config.RECOVERY_FIRST_CHECK_MS;
      const wanted = { payment, amount: amount ?? left, reason, request, firstCheckMs };
      const refund = await this.refunds.open(tx, wanted);
      const after = { refundId: refund.id, amount: refund.amount, reason };
      await recordAct(tx, { act: 'refunds.make', subject: `payment-${paymentId}`, after });
      return { refund, payment };
    });
  }
}
