import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../../contracts/transaction.js';
import { Alarms } from '../../../platform/telemetry/alarms.js';
import type { Payment } from '../payment.entity.js';
import { PaymentsRepository } from '../payments.repository.js';
import type { ProviderReport } from '../provider-report.js';
import { RefundsRepository } from '../refunds/refunds.repository.js';
import { evidenceOf } from '../reviews/evidence.js';
import { ReviewsRepository } from '../reviews/reviews.repository.js';
import type { Decision } from './settlement.js';

/** What a settlement brings about besides the payment's own row. */
@Injectable()
export class PaymentSideEffects {
  constructor(
    private readonly payments: PaymentsRepository,
    private readonly refunds: RefundsRepository,
    private readonly reviews: ReviewsRepository,
    private readonly alarms: Alarms,
  ) {}

  /** A late success nobody wants any more: the intent to give it back is committed together with the capture. */
  async returnMoney(tx: Transaction, payment: Payment): Promise<void> {
    await this.refunds.request(tx, payment, { amount: payment.capturedAmount, reason: 'late-success' });
  }

  async review(tx: Transaction, payment: Payment, what: { reason: string; report: ProviderReport }): Promise<void> {
    await this.reviews.open(tx, payment, { reason: what.reason, evidence: evidenceOf(what.report) });
  }

  /** The provider has said, after all, what an operator was to find out. */
  async closeReviews(tx: Transaction, payment: Payment, report: ProviderReport): Promise<void> {
    const end = { outcome: 'settled', note: null, resolvedBy: null, evidence: evidenceOf(report) } as const;
    await this.reviews.close(tx, payment, end);
  }

  /** Tells the consumer of `payment.surfaced` to cancel at the provider what we had given up here. */
  async surface(tx: Transaction, payment: Payment, report: ProviderReport): Promise<Payment> {
    return this.payments.surface(tx, payment, report);
  }

  /** After the commit: what an operator has to hear now. */
  alarm({ id }: Payment, { decision, report }: { decision: Decision; report: ProviderReport }): void {
    if (report.status === 'unknown' && report.alarm) this.alarms.raise(report.alarm, { paymentId: id });
    if (decision.kind === 'review')
      this.alarms.raise('payment-review-opened', { paymentId: id, reason: decision.reason });
    if (decision.kind === 'move' && decision.review) {
      const code = decision.to === 'needs_review' ? 'payment-needs-review' : 'payment-review-opened';
      this.alarms.raise(code, { paymentId: id, reason: decision.review });
    }
  }
}
