import { Injectable } from '@nestjs/common';
import type { PaymentMethod } from '../../../contracts/payment-methods.js';
import { CardPayment } from './card.payment.js';
import { BankTransferPayment, CashOnDeliveryPayment } from './operator.payment.js';
import type { PaymentStrategy } from './payment-strategy.js';

/** The factory: a payment method without a strategy is a compile error. */
@Injectable()
export class PaymentStrategies {
  private readonly byMethod: Readonly<Record<PaymentMethod, PaymentStrategy>>;

  constructor(card: CardPayment) {
    this.byMethod = {
      card,
      bank_transfer: new BankTransferPayment(),
      cash_on_delivery: new CashOnDeliveryPayment(),
    };
  }

  for(method: PaymentMethod): PaymentStrategy {
    return this.byMethod[method];
  }
}
