import { Injectable } from '@nestjs/common';
import { Idempotency, type KeyedRequest, type Reply } from '../../../platform/database/idempotency.js';
import { Log } from '../../../platform/telemetry/log.js';
import type { KnownPayment } from '../payment.entity.js';
import { PaymentStrategies } from '../strategies/payment-strategies.js';
import { currentRefundAnswer, type RefundAnswer } from './refund.answer.js';
import type { Refund } from './refund.entity.js';
import { RefundOpeningService } from './refund-opening.service.js';
import { RefundSettlementService } from './refund-settlement.service.js';
import type { RefundPayment } from './refunds.dto.js';
import { RefundsRepository } from './refunds.repository.js';

type Body = RefundAnswer['body'];
type Opened = { readonly refund: Refund; readonly payment: KnownPayment };

/** Gives money back the way a payment is made: intent committed, provider asked, answer settled. */
@Injectable()
export class RefundsService {
  constructor(
    private readonly opening: RefundOpeningService,
    private readonly strategies: PaymentStrategies,
    private readonly settlement: RefundSettlementService,
    private readonly idempotency: Idempotency,
    private readonly refunds: RefundsRepository,
    private readonly log: Log,
  ) {}

  /**
   * Refunds `amount`, or all that is left, once per key, whatever is lost on the way. While the outcome is not known the
   * answer is a 202, which is never stored; the amount stays reserved meanwhile.
   * @throws PaymentNotFound, PaymentNotRefundable, RefundExceedsCaptured, IdempotencyKeyReused, RequestInProgress
   */
  async refund(paymentId: string, request: KeyedRequest, command: RefundPayment): Promise<Reply<Body>> {
    const attempt = await this.idempotency.attempt<Opened, Body>(request, () =>
      this.opening.open(paymentId, request, command),
    );
    if (!attempt.isFirst) {
      const { reply, resourceId } = attempt.earlier;
      return reply ?? { ...currentRefundAnswer(await this.refunds.get(resourceId)), replayed: true };
    }
    const refund = await this.submit(attempt.result);
    // Whoever settled first stored the answer: that one is given, not our own opinion of it.
    const stored = await this.idempotency.find<Body>(request);
    return { ...(stored?.reply ?? currentRefundAnswer(refund)), replayed: false };
  }

  /** The call, then tx B. If tx B cannot be committed the refund stays open, and recovery asks the provider again. */
  private async submit({ refund, payment }: Opened): Promise<Refund> {
    const report = await this.strategies.for(payment.paymentMethod).refund(refund, payment);
    try {
      return await this.settlement.settle(refund, report);
    } catch (error) {
      this.log.error({ message: 'a refund was not settled; recovery will', refundId: refund.id, error });
      return refund;
    }
  }
}
