import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../../contracts/transaction.js';
import { Transactions } from '../../../platform/database/transactions.js';
import { isId } from '../../../shared/ids.js';
import type { Payment } from '../payment.entity.js';
import { PAYMENT_LIFE } from '../payment-status.js';
import { PaymentsRepository } from '../payments.repository.js';
import type { Refund } from './refund.entity.js';
import type { FoundRefund } from './refund-report.js';
import { RefundReviews } from './refund-reviews.js';
import { RefundSettlementService } from './refund-settlement.service.js';
import { leftOf, RefundsRepository } from './refunds.repository.js';

const OVERLAPS = 'refund-overlaps-reservation';

/** Takes what the provider shows into our books: refunds of ours, and those somebody made in its dashboard. */
@Injectable()
export class FoundRefundsService {
  constructor(
    private readonly transactions: Transactions,
    private readonly payments: PaymentsRepository,
    private readonly refunds: RefundsRepository,
    private readonly settlement: RefundSettlementService,
    private readonly reviews: RefundReviews,
  ) {}

  /**
   * Settles the refund it is, or adopts it; an operator decides about one that is more than what is left. The second
   * time it changes nothing. False when it belongs to no payment that is captured here (yet).
   */
  async settle(found: FoundRefund): Promise<boolean> {
    const own = await this.ownOf(found);
    if (own) {
      await this.settlement.settle(own, found.report);
      return true;
    }
    const { providerPaymentId } = found.report;
    const payment = providerPaymentId === null ? undefined : await this.payments.findByProviderId(providerPaymentId);
    if (!payment || PAYMENT_LIFE[payment.status] !== 'captured') return false;
    const { refundId, review } = await this.transactions.run((tx) => this.adopt(tx, payment, found));
    if (review) this.reviews.alarm({ paymentId: payment.id, refundId, reason: review });
    return true;
  }

  private async ownOf({ refundId, report }: FoundRefund): Promise<Refund | undefined> {
    const named = isId(refundId) ? await this.refunds.find(refundId) : undefined;
    return named ?? this.refunds.findByProviderId(report.providerRefundId);
  }

  /** Whoever adopts holds the payment, so that twins meet here. */
  private async adopt(
    tx: Transaction,
    { id }: Payment,
    { report }: FoundRefund,
  ): Promise<{ refundId: string | null; review: string | null }> {
    const payment = await this.payments.lock(tx, id);
    const twin = await this.refunds.findByProviderId(report.providerRefundId, tx);
    if (twin) return this.settleIn(tx, { payment, refundId: twin.id }, report);
    // It came back before we heard of it: the books are right without it.
    if (report.status === 'failed' || report.status === 'cancelled') return { refundId: null, review: null };
    if (report.amount > leftOf(payment) || report.currency !== payment.currency) {
      const isNew = await this.reviews.open(tx, payment, { reason: OVERLAPS, refundId: null, report });
      return { refundId: null, review: isNew ? OVERLAPS : null };
    }
    const refund = await this.refunds.adopt(tx, payment, report);
    return this.settleIn(tx, { payment, refundId: refund.id }, report);
  }

  private async settleIn(
    tx: Transaction,
    standing: { payment: Payment; refundId: string },
    report: FoundRefund['report'],
  ): Promise<{ refundId: string; review: string | null }> {
    const { review } = await this.settlement.settleIn(tx, standing, report);
    return { refundId: standing.refundId, review };
  }
}
