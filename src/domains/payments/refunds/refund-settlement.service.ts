import { Inject, Injectable } from '@nestjs/common';
import type { Transaction } from '../../../contracts/transaction.js';
import { CONFIG, type Config } from '../../../platform/config/config.js';
import { Idempotency } from '../../../platform/database/idempotency.js';
import { Transactions } from '../../../platform/database/transactions.js';
import type { Payment } from '../payment.entity.js';
import { PaymentsRepository } from '../payments.repository.js';
import { refundAnswerOf } from './refund.answer.js';
import type { Refund } from './refund.entity.js';
import type { RefundReport } from './refund-report.js';
import { RefundReviews } from './refund-reviews.js';
import { decideRefund, type RefundMove } from './refund-settlement.js';
import { isRefundAnswer, type RefundStatus } from './refund-status.js';
import { leftOf, RefundsRepository } from './refunds.repository.js';

export interface SettledRefund {
  readonly refund: Refund;
  /** Why an operator has to look, where that is news. */
  readonly review: string | null;
}

@Injectable()
export class RefundSettlementService {
  constructor(
    private readonly transactions: Transactions,
    private readonly payments: PaymentsRepository,
    private readonly refunds: RefundsRepository,
    private readonly reviews: RefundReviews,
    private readonly idempotency: Idempotency,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * The only code that says how a refund went. The web request, the webhook worker and recovery all hand it what the
   * provider said; twice, late or out of order changes nothing. Reservation, refund, ledger, event and stored answer
   * commit together. The order is not touched, so it is not locked either.
   */
  async settle({ id, paymentId }: Pick<Refund, 'id' | 'paymentId'>, report: RefundReport): Promise<Refund> {
    const { refund, review } = await this.transactions.run(async (tx) =>
      this.settleIn(tx, { payment: await this.payments.lock(tx, paymentId), refundId: id }, report),
    );
    if (review) this.reviews.alarm({ paymentId, refundId: id, reason: review });
    if (report.status === 'unknown' && report.alarm) this.reviews.providerAlarm(report.alarm, id);
    return refund;
  }

  /** The same in the caller's transaction, which holds the payment. Raises no alarm. */
  async settleIn(
    tx: Transaction,
    { payment, refundId }: { payment: Payment; refundId: string },
    report: RefundReport,
  ): Promise<SettledRefund> {
    const before = await this.refunds.lock(tx, refundId);
    const { providerPaymentId } = payment;
    const decision = decideRefund({ refund: before, providerPaymentId, left: leftOf(payment) }, report);
    switch (decision.kind) {
      case 'ignore':
        if (!isRefundAnswer(before.status)) await this.refunds.recordCall(tx, before, report);
        return { refund: before, review: null };
      case 'review':
        return { refund: before, review: await this.review(tx, { payment, refundId, report }, decision.reason) };
      case 'move':
        return this.move(tx, { payment, refund: before }, { move: decision, report });
    }
  }

  private async move(
    tx: Transaction,
    standing: { payment: Payment; refund: Refund },
    { move, report }: { move: RefundMove; report: RefundReport },
  ): Promise<SettledRefund> {
    const { payment } = standing;
    const refund = await this.refunds.move(tx, standing, { move, report, nextCheckMs: this.nextCheckMs(move.to) });
    if (isRefundAnswer(refund.status)) await this.idempotency.answer(tx, refund.id, refundAnswerOf(refund));
    if (!move.review) return { refund, review: null };
    return { refund, review: await this.review(tx, { payment, refundId: refund.id, report }, move.review) };
  }

  private async review(
    tx: Transaction,
    { payment, ...facts }: { payment: Payment; refundId: string; report: RefundReport },
    reason: string,
  ): Promise<string | null> {
    return (await this.reviews.open(tx, payment, { reason, ...facts })) ? reason : null;
  }

  private nextCheckMs(status: RefundStatus): number | null {
    if (status === 'unknown') return this.config.RECOVERY_POLL_MS;
    return status === 'pending' ? this.config.REFUND_PENDING_CHECK_MS : null;
  }
}
