import type { NextAction, Payment } from '../payment.entity.js';
import type { ProviderReport } from '../provider-report.js';
import type { Refund } from '../refunds/refund.entity.js';
import type { RefundList, RefundReport } from '../refunds/refund-report.js';
import { awaitingConfirmation, cancelledByUs, returned } from './operator-report.js';
import type { ListVerdict, PaymentStrategy } from './payment-strategy.js';

/** Money that no provider moves: the payment waits until an operator says that it is here. Asks nobody, fails never. */
abstract class OperatorPayment implements PaymentStrategy {
  abstract readonly provider: string;
  readonly isConfirmedByOperator = true;

  protected abstract nextActionOf(payment: Payment): NextAction | null;

  async charge(payment: Payment): Promise<ProviderReport> {
    return awaitingConfirmation(payment, this.nextActionOf(payment));
  }

  retrieve(payment: Payment): Promise<ProviderReport> {
    return this.charge(payment);
  }

  /** Nothing is reserved, so there is nothing to capture. */
  capture(payment: Payment): Promise<ProviderReport> {
    return this.charge(payment);
  }

  async cancel(payment: Payment): Promise<ProviderReport> {
    return cancelledByUs(payment);
  }

  async find(payment: Payment): Promise<ListVerdict> {
    return { found: await this.charge(payment) };
  }

  async refund(refund: Refund, payment: Payment): Promise<RefundReport> {
    return returned(refund, payment);
  }

  async retrieveRefund(refund: Refund, payment: Payment): Promise<RefundReport> {
    return returned(refund, payment);
  }

  async listRefunds(): Promise<RefundList> {
    return [];
  }
}

/** The customer transfers the money and quotes our reference. */
export class BankTransferPayment extends OperatorPayment {
  readonly provider = 'bank';

  protected override nextActionOf(payment: Payment): NextAction {
    return { type: 'transfer', reference: referenceOf(payment) };
  }
}

/** The courier takes the money at the door. */
export class CashOnDeliveryPayment extends OperatorPayment {
  readonly provider = 'cash';

  protected override nextActionOf(): null {
    return null;
  }
}

/** Short enough to be typed into a bank's form: the random end of the payment's id. */
export function referenceOf({ id }: Pick<Payment, 'id'>): string {
  const digits = id.replaceAll('-', '').slice(-12).toUpperCase();
  return `PUR-${digits.slice(0, 4)}-${digits.slice(4, 8)}-${digits.slice(8)}`;
}
