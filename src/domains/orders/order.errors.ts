import { defineError } from '../../shared/errors.js';
import { ORDER_TOTAL_MAX } from '../../shared/money.js';

export class MixedCurrencies extends defineError(
  'mixed-currencies',
  'unprocessable',
  'An order has one currency only',
) {
  constructor(currencies: readonly string[]) {
    super(`The products are priced in ${currencies.join(' and ')}. Place one order per currency.`, { currencies });
  }
}

export class OrderTotalTooLarge extends defineError(
  'order-total-too-large',
  'unprocessable',
  'The order is larger than can be paid at once',
) {
  constructor(totalAmount: number, currency: string) {
    const limit = ORDER_TOTAL_MAX;
    super(`${totalAmount} is more than ${limit} minor units of ${currency}.`, { totalAmount, limit, currency });
  }
}

export class OrderCompleted extends defineError('order-completed', 'conflict', 'The order is completed') {
  constructor(id: string) {
    super(`Order ${id} is paid. Ask support for a refund.`);
  }
}
