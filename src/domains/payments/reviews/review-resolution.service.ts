import { Injectable } from '@nestjs/common';
import { OrderBook } from '../../../contracts/order-book.js';
import type { Transaction } from '../../../contracts/transaction.js';
import { recordAct } from '../../../platform/audit/acts.js';
import { Transactions } from '../../../platform/database/transactions.js';
import type { Payment } from '../payment.entity.js';
import { PAYMENT_LIFE, type PaymentStatus } from '../payment-status.js';
import { PaymentsRepository } from '../payments.repository.js';
import type { ProviderReport } from '../provider-report.js';
import { SettlementService } from '../settlement/settlement.service.js';
import { evidenceOf, type ProviderEvidence } from './evidence.js';
import { ProviderViewsService } from './provider-views.service.js';
import { OutcomeContradicted, ReviewNotFound, ReviewResolved } from './review.errors.js';
import type { ResolveReview } from './reviews.dto.js';
import { ReviewsRepository } from './reviews.repository.js';

interface Resolution extends ResolveReview {
  readonly actorId: string;
}

@Injectable()
export class ReviewResolutionService {
  constructor(
    private readonly transactions: Transactions,
    private readonly orders: OrderBook,
    private readonly payments: PaymentsRepository,
    private readonly reviews: ReviewsRepository,
    private readonly providers: ProviderViewsService,
    private readonly settlement: SettlementService,
  ) {}

  /**
   * Closes whatever is open about a payment. One that needs review leaves that status by `settle()` alone, with the
   * provider's own word, asked for before anything is locked: nobody can claim a capture the provider denies.
   * @returns what the provider said; null when it did not have to be asked
   * @throws PaymentNotFound, ReviewNotFound, ReviewResolved, OutcomeContradicted, ServiceUnavailable
   */
  async resolve(paymentId: string, resolution: Resolution): Promise<ProviderEvidence | null> {
    const payment = await this.payments.get(paymentId);
    const { outcome } = resolution;
    const isAsked = payment.status === 'needs_review' && outcome !== 'dismissed';
    const report = isAsked
      ? await this.providers.lastWordOn(payment, { isEnding: outcome === 'not-captured' })
      : undefined;
    await this.transactions.run((tx) => this.close(tx, payment, { resolution, report }));
    return report ? evidenceOf(report) : null;
  }

  private async close(
    tx: Transaction,
    { id, orderId }: Payment,
    { resolution, report }: { resolution: Resolution; report: ProviderReport | undefined },
  ): Promise<void> {
    await this.orders.lock(tx, orderId);
    const payment = await this.payments.lock(tx, id);
    const { outcome, note, actorId: resolvedBy } = resolution;
    const end = { outcome, note, resolvedBy, evidence: report ? evidenceOf(report) : null };
    const isClosed = (await this.reviews.close(tx, payment, end)) > 0;
    if (!isClosed && payment.status !== 'needs_review') {
      throw (await this.reviews.hasAny(tx, id)) ? new ReviewResolved(id) : new ReviewNotFound(id);
    }
    const settled = report ? (await this.settlement.settleIn(tx, payment, report)).payment : payment;
    if (!isSo(settled.status, outcome)) {
      throw new OutcomeContradicted(outcome, { paymentStatus: settled.status, providerStatus: report?.status ?? null });
    }
    const [before, after] = [{ status: payment.status }, { status: settled.status, outcome, note }];
    await recordAct(tx, { act: 'reviews.resolve', subject: `payment-${id}`, before, after });
  }
}

/** Whether a payment in this status bears the operator out. */
function isSo(status: PaymentStatus, outcome: ResolveReview['outcome']): boolean {
  switch (outcome) {
    case 'captured':
      return PAYMENT_LIFE[status] === 'captured';
    case 'not-captured':
      return PAYMENT_LIFE[status] === 'given-up';
    case 'dismissed':
      return status !== 'needs_review';
  }
}
