import { Inject, Injectable } from '@nestjs/common';
import { OrderBook } from '../../../contracts/order-book.js';
import { CONFIG, type Config } from '../../../platform/config/config.js';
import { Idempotency, type KeyedRequest } from '../../../platform/database/idempotency.js';
import { Transactions } from '../../../platform/database/transactions.js';
import type { Payment } from '../payment.entity.js';
import { CaptureExceedsAuthorized, PaymentNotCapturable } from '../payment.errors.js';
import { PaymentsRepository } from '../payments.repository.js';

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
      const captureRequest = { amount, idempotencyKey: `purser-capture-${id}` };
      const requested = await this.payments.requestCapture(tx, payment, {
        captureRequest,
        firstCheckMs: this.config.RECOVERY_FIRST_CHECK_MS,
      });
      await this.idempotency.claim(tx, { ...request, resourceId: id });
      return requested;
    });
  }
}
