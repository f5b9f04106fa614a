import { Injectable } from '@nestjs/common';
import { Idempotency, type KeyedRequest, type Reply } from '../../../platform/database/idempotency.js';
import { Log } from '../../../platform/telemetry/log.js';
import { currentAnswer, type PaymentAnswer } from '../payment.answer.js';
import type { Payment } from '../payment.entity.js';
import { PaymentOpeningService } from './payment-opening.service.js';
import type { PayOrder } from './payments.dto.js';
import { PaymentsRepository } from '../payments.repository.js';
import { SettlementService } from '../settlement/settlement.service.js';
import { PaymentStrategies } from '../strategies/payment-strategies.js';

type Body = PaymentAnswer['body'];

@Injectable()
export class CheckoutService {
  constructor(
    private readonly opening: PaymentOpeningService,
    private readonly strategies: PaymentStrategies,
    private readonly settlement: SettlementService,
    private readonly idempotency: Idempotency,
    private readonly payments: PaymentsRepository,
    private readonly log: Log,
  ) {}

  /**
   * Pays an order at most once, whatever is lost on the way: the intent is committed before the provider is asked, its
   * answer after it, and no transaction is open in between. A repetition under the same key gets the same answer; while
   * the outcome is not known that is a 202, which is never stored.
   * @throws OrderNotFound, OrderNotPayable, PaymentInProgress, IdempotencyKeyReused, RequestInProgress
   */
  async pay(orderId: string, request: KeyedRequest, command: PayOrder): Promise<Reply<Body>> {
    const attempt = await this.idempotency.attempt<Payment, Body>(request, () =>
      this.opening.open(orderId, request, command),
    );
    if (!attempt.isFirst) {
      const { reply, resourceId } = attempt.earlier;
      return reply ?? { ...currentAnswer(await this.payments.get(resourceId)), replayed: true };
    }
    const payment = await this.submit(attempt.result);
    // Whoever settled first stored the answer: that one is given, not our own opinion of it.
    const stored = await this.idempotency.find<Body>(request);
    return { ...(stored?.reply ?? currentAnswer(payment)), replayed: false };
  }

  /** The call, then tx B. If tx B cannot be committed the payment stays open, and recovery asks the provider again. */
  private async submit(payment: Payment): Promise<Payment> {
    const report = await this.strategies.for(payment.paymentMethod).charge(payment);
    try {
      return await this.settlement.settle(payment, report);
    } catch (error) {
      this.log.error({ message: 'a payment was not settled; recovery will', paymentId: payment.id, error });
      return payment;
    }
  }
}
