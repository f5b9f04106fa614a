import { Inject, Injectable } from '@nestjs/common';
import { OrderBook } from '../../../contracts/order-book.js';
import { recordAct } from '../../../platform/audit/acts.js';
import { CONFIG, type Config } from '../../../platform/config/config.js';
import { Idempotency, type KeyedRequest } from '../../../platform/database/idempotency.js';
import { Transactions } from '../../../platform/database/transactions.js';
import { Money } from '../../../shared/money.js';
import type { Payment } from '../payment.entity.js';
import { AmountNotChargeable, CaptureExceedsAuthorized, PaymentNotCapturable } from '../payment.errors.js';
import { PaymentsRepository } from '../payments.repository.js';
import { NotChargeable, toStripeAmount } from '../strategies/stripe-amounts.js';

@Injectable()
export class CaptureRequestService {
  constructor(
    private readonly transactions: Transactions,
    private readonly orders: OrderBook,
    private readonly payments: PaymentsRepository,
    private readonly idempotency: Idempotency,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Commits that this much is to be captured; recovery repeats it until the provider has said what became of it. */
  commit({ id, orderId }: Payment, request: KeyedRequest, amount: number): Promise<Payment> {
    return this.transactions.run(async (tx) => {
      await this.orders.lock(tx, orderId);
      const payment = await this.payments.lock(tx, id);
      if (payment.status !== 'authorized' || payment.captureRequest) throw new PaymentNotCapturable(payment.status);
      if (amount > payment.amount) throw new CaptureExceedsAuthorized(amount, payment.amount);
      refuseUnchargeable(Money.of(amount, payment.currency));
      const captureRequest = { amount, idempotencyKey: `purser-capture-${id}` };
      const requested = await this.payments.requestCapture(tx, payment, {
        captureRequest,
        firstCheckMs: this.config.RECOVERY_FIRST_CHECK_MS,
      });
      const before = { status: payment.status };
      await recordAct(tx, { act: 'payments.capture', subject: `payment-${id}`, before, after: { amount } });
      await this.idempotency.claim(tx, { ...request, resourceId: id });
      return requested;
    });
  }
}

/** Only cards are captured apart from being charged, and Stripe takes some currencies in steps. */
function refuseUnchargeable(money: Money): void {
  try {
    toStripeAmount(money);
  } catch (error) {
    throw error instanceof NotChargeable ? new AmountNotChargeable(error.message) : error;
  }
}
