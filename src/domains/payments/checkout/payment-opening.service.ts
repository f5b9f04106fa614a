import { Inject, Injectable } from '@nestjs/common';
import { OrderBook } from '../../../contracts/order-book.js';
import { CONFIG, type Config } from '../../../platform/config/config.js';
import type { KeyedRequest } from '../../../platform/database/idempotency.js';
import { Transactions } from '../../../platform/database/transactions.js';
import { newId } from '../../../shared/ids.js';
import type { Payment, ProviderRequest } from '../payment.entity.js';
import type { PayOrder } from './payments.dto.js';
import { PaymentsRepository } from '../payments.repository.js';
import { PaymentStrategies } from '../strategies/payment-strategies.js';
import { returnUrlOf } from './return-url.js';

@Injectable()
export class PaymentOpeningService {
  constructor(
    private readonly transactions: Transactions,
    private readonly orders: OrderBook,
    private readonly payments: PaymentsRepository,
    private readonly strategies: PaymentStrategies,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * Commits the intent to charge: from here on recovery owns whatever the caller does not finish. Amount and currency
   * are the order's, never the client's.
   * @throws InvalidRequest, OrderNotFound, OrderNotPayable, PaymentInProgress, KeyTaken, RequestInProgress
   */
  open(orderId: string, request: KeyedRequest, command: PayOrder): Promise<Payment> {
    const { paymentMethod, captureMethod = 'automatic' } = command;
    const { provider, isConfirmedByOperator } = this.strategies.for(paymentMethod);
    const providerRequest = this.providerRequestOf(command);
    return this.transactions.run(async (tx) => {
      const { userId, totalAmount: amount, currency } = await this.orders.lockPayable(tx, orderId, request.userId);
      const facts = { orderId, userId, amount, currency, paymentMethod, captureMethod, provider, providerRequest };
      if (isConfirmedByOperator) await this.orders.extend(tx, orderId, this.config.AWAITING_CONFIRMATION_TTL_SECONDS);
      const firstCheckMs = this.config.RECOVERY_FIRST_CHECK_MS;
      return this.payments.open(tx, { payment: { id: newId(), ...facts }, request, firstCheckMs });
    });
  }

  /** 3-D Secure always has somewhere to return to, so that a plain redirect is always enough for the customer. */
  private providerRequestOf({ paymentMethodId, returnUrl: wanted }: PayOrder): ProviderRequest {
    const returnUrl = returnUrlOf(wanted, this.config);
    return paymentMethodId ? { paymentMethodId, returnUrl } : {};
  }
}
