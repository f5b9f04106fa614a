import { Injectable } from '@nestjs/common';
import type { LivePayment, PaymentEnding } from '../../../contracts/open-payments.js';
import type { Transaction } from '../../../contracts/transaction.js';
import type { PerformedAct } from '../../../platform/audit/acts.js';
import { isKnown, type Payment } from '../payment.entity.js';
import { PaymentInProgress } from '../../../contracts/payment-errors.js';
import { PaymentNotCancellable } from '../payment.errors.js';
import { PaymentsRepository } from '../payments.repository.js';
import { SettlementService } from '../settlement/settlement.service.js';
import { cancelledByUs } from '../strategies/operator-report.js';
import { PaymentStrategies } from '../strategies/payment-strategies.js';

@Injectable()
export class PaymentCancellationService implements PaymentEnding {
  constructor(
    private readonly payments: PaymentsRepository,
    private readonly strategies: PaymentStrategies,
    private readonly settlement: SettlementService,
  ) {}

  /**
   * Cancels a payment that waits for its customer, a capture or an operator; at the provider first, where there is one.
   * `isAct`: staff do it, to somebody else's payment. The returned payment may still be live (the provider did not answer) or paid (the customer was faster).
   * @throws PaymentInProgress while the outcome of a call is not known, PaymentNotCancellable when it is settled
   */
  async cancel(payment: Payment, { isAct = false } = {}): Promise<Payment> {
    const act = isAct ? actOf(payment) : undefined;
    switch (payment.status) {
      case 'cancelled':
        return payment;
      case 'awaiting_confirmation':
        return this.settlement.settle(payment, cancelledByUs(payment), act);
      case 'requires_action':
      case 'authorized':
        if (!isKnown(payment)) throw new PaymentInProgress(payment.orderId, payment);
        return this.settlement.settle(payment, await this.strategies.for(payment.paymentMethod).cancel(payment), act);
      case 'submitting':
      case 'unknown':
      case 'needs_review':
        throw new PaymentInProgress(payment.orderId, payment);
      case 'succeeded':
      case 'late_succeeded':
      case 'failed':
        throw new PaymentNotCancellable(payment.status);
    }
  }

  async endLive(orderId: string): Promise<void> {
    const payment = await this.payments.findLive(orderId);
    if (payment && isEndable(payment)) await this.cancel(payment);
  }

  async endAwaiting(tx: Transaction, orderId: string, { id, status }: LivePayment): Promise<boolean> {
    if (status !== 'awaiting_confirmation') return false;
    const payment = await this.payments.lock(tx, id);
    await this.settlement.settleIn(tx, { id, orderId }, cancelledByUs(payment));
    return true;
  }
}

function actOf({ id, status }: Payment): PerformedAct {
  return { act: 'payments.cancel', subject: `payment-${id}`, before: { status } };
}

function isEndable(payment: Payment): boolean {
  const { status } = payment;
  return (
    status === 'awaiting_confirmation' ||
    (isKnown(payment) && (status === 'requires_action' || status === 'authorized'))
  );
}
