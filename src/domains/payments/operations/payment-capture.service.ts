import { Injectable } from '@nestjs/common';
import { Idempotency, type KeyedRequest, type Reply } from '../../../platform/database/idempotency.js';
import { captureAnswer, type PaymentAnswer } from '../payment.answer.js';
import { isCaptureRequested, type Payment } from '../payment.entity.js';
import { PaymentNotCapturable } from '../payment.errors.js';
import { PaymentsRepository } from '../payments.repository.js';
import { CaptureRequestService } from './capture-request.service.js';
import { SettlementService } from '../settlement/settlement.service.js';
import { PaymentStrategies } from '../strategies/payment-strategies.js';

type Body = PaymentAnswer['body'];

/** Captures a reserved amount the way a payment is made: intent committed, provider asked, answer settled. */
@Injectable()
export class PaymentCaptureService {
  constructor(
    private readonly requests: CaptureRequestService,
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
      return unlessEnded(attempt.earlier.reply ?? { ...current, replayed: true });
    }
    const settled = await this.submit(attempt.result);
    const stored = await this.idempotency.find<Body>(request);
    return unlessEnded({ ...(stored?.reply ?? captureAnswer(settled)), replayed: false });
  }

  private async submit(payment: Payment): Promise<Payment> {
    if (!isCaptureRequested(payment)) return payment;
    const report = await this.strategies.for(payment.paymentMethod).capture(payment);
    return this.settlement.settle(payment, report);
  }
}

/** What had lapsed or was cancelled is an answer about the payment, and a refusal to whoever wanted to capture it. */
function unlessEnded(reply: Reply<Body>): Reply<Body> {
  if (reply.body.status === 'cancelled') throw new PaymentNotCapturable(reply.body.status);
  return reply;
}
