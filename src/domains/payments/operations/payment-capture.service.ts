import { Inject, Injectable } from '@nestjs/common';
import { OrderBook } from '../../../contracts/order-book.js';
import { CONFIG, type Config } from '../../../platform/config/config.js';
import { Idempotency, type KeyedRequest, type Reply } from '../../../platform/database/idempotency.js';
import { Transactions } from '../../../platform/database/transactions.js';
import { captureAnswer, type PaymentAnswer } from '../payment.answer.js';
import { isCaptureRequested, type Payment } from '../payment.entity.js';
import { CaptureExceedsAuthorized, PaymentNotCapturable } from '../payment.errors.js';
import { PaymentsRepository } from '../payments.repository.js';
import { SettlementService } from '../settlement/settlement.service.js';
import { PaymentStrategies } from '../strategies/payment-strategies.js';

type Body = PaymentAnswer['body'];

/** Captures a reserved amount the way a payment is made: intent committed, provider asked, answer settled. */
@Injectable()
export class PaymentCaptureService {
  constructor(
    private readonly requests: CaptureRequests,
    private readonly payments: PaymentsRepository,
    private readonly strategies: PaymentStrategies,
    private readonly settlement: SettlementService,
    private readonly idempotency: Idempotency,
  ) {}

  /**
   * All of it, or `amount`; the rest is released by the provider. What is captured completes the order.
   * @throws PaymentNotFound, PaymentNotCapturable, CaptureExceedsAuthorized, IdempotencyKeyReused
   */
  async capture(paymentId: string, request: KeyedRequest, amount?: number): Promise<Reply<Body>> {
    const payment = await this.payments.get(paymentId);
    const attempt = await this.idempotency.attempt<Payment, Body>(request, () =>
      this.requests.commit(payment, request, amount ?? payment.amount),
    );
    if (!attempt.isFirst) {
      const current = captureAnswer(await this.payments.get(paymentId));
      return attempt.earlier.reply ?? { ...current, replayed: true };
    }
    const settled = await this.submit(attempt.result);
    const stored = await this.idempotency.find<Body>(request);
    return { ...(stored?.reply ?? captureAnswer(settled)), replayed: false };
  }

  private async submit(payment: Payment): Promise<Payment> {
    if (!isCaptureRequested(payment)) return payment;
    const report = await this.strategies.for(payment.paymentMethod).capture(payment);
    return this.settlement.settle(payment, report);
  }
}

@Injectable()
export class CaptureRequests {
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
