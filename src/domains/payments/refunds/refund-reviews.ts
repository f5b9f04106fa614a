import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../../contracts/transaction.js';
import { Alarms } from '../../../platform/telemetry/alarms.js';
import type { Payment } from '../payment.entity.js';
import { evidenceOf } from '../reviews/evidence.js';
import { ReviewsRepository } from '../reviews/reviews.repository.js';
import { isAtProvider, type RefundReport } from './refund-report.js';

/** What an operator has to see of a refund. A review belongs to the payment; its evidence names the refund. */
@Injectable()
export class RefundReviews {
  constructor(
    private readonly reviews: ReviewsRepository,
    private readonly alarms: Alarms,
  ) {}

  /** False when the same question is open already. `refundId` is null for one that is not in our books. */
  open(
    tx: Transaction,
    payment: Payment,
    { reason, refundId, report }: { reason: string; refundId: string | null; report: RefundReport },
  ): Promise<boolean> {
    const providerRefundId = isAtProvider(report) ? report.providerRefundId : null;
    return this.reviews.open(tx, payment, { reason, evidence: { refundId, providerRefundId, ...evidenceOf(report) } });
  }

  /** After the commit. */
  alarm(facts: { paymentId: string; refundId: string | null; reason: string }): void {
    this.alarms.raise('payment-review-opened', facts);
  }

  /** The provider refuses us, not the refund. */
  providerAlarm(code: string, refundId: string): void {
    this.alarms.raise(code, { refundId });
  }
}
