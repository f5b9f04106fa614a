import { Inject, Injectable } from '@nestjs/common';
import { OrderBook } from '../../../contracts/order-book.js';
import type { Transaction } from '../../../contracts/transaction.js';
import { recordAct, type PerformedAct } from '../../../platform/audit/acts.js';
import { CONFIG, type Config } from '../../../platform/config/config.js';
import { Idempotency } from '../../../platform/database/idempotency.js';
import { Transactions } from '../../../platform/database/transactions.js';
import { answerOf } from '../payment.answer.js';
import type { Payment } from '../payment.entity.js';
import { AUTHORIZED_CHECK_MS, isAnswer, PAYMENT_LIFE, type PaymentStatus } from '../payment-status.js';
import { PaymentsRepository } from '../payments.repository.js';
import { PaymentSideEffects } from './payment-side-effects.js';
import type { ProviderReport } from '../provider-report.js';
import { decide, type Decision, type Move } from './settlement.js';

@Injectable()
export class SettlementService {
  constructor(
    private readonly transactions: Transactions,
    private readonly payments: PaymentsRepository,
    private readonly orders: OrderBook,
    private readonly sideEffects: PaymentSideEffects,
    private readonly idempotency: Idempotency,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * The only code that moves a payment. The web request, the webhook worker and recovery all hand it what the provider
   * said; twice, late or out of order changes nothing. Order, payment, ledger, event and stored answer commit together,
   * and with them the act of whoever had it asked.
   */
  async settle(ref: Pick<Payment, 'id' | 'orderId'>, report: ProviderReport, act?: PerformedAct): Promise<Payment> {
    const { payment, decision } = await this.transactions.run(async (tx) => {
      const settled = await this.settleIn(tx, ref, report);
      if (act) await recordAct(tx, act);
      return settled;
    });
    this.sideEffects.alarm(payment, { decision, report });
    return payment;
  }

  /** The same in the caller's transaction, which may hold the order and the payment already. Raises no alarm. */
  async settleIn(
    tx: Transaction,
    { id, orderId }: Pick<Payment, 'id' | 'orderId'>,
    report: ProviderReport,
  ): Promise<{ payment: Payment; decision: Decision }> {
    const order = await this.orders.lock(tx, orderId);
    const before = await this.payments.lock(tx, id);
    const mayHaveRival = PAYMENT_LIFE[before.status] === 'given-up' && report.status === 'succeeded';
    const hasRival = mayHaveRival && (await this.payments.hasRival(tx, before));
    const decision = decide({ payment: before, isOrderPending: order.status === 'pending', hasRival }, report);
    const payment = await this.apply(tx, before, { decision, report });
    if (decision.kind === 'move' && isAnswer(payment.status)) {
      await this.idempotency.answer(tx, payment.id, answerOf(payment));
    }
    return { payment, decision };
  }

  private async apply(
    tx: Transaction,
    payment: Payment,
    { decision, report }: { decision: Decision; report: ProviderReport },
  ): Promise<Payment> {
    switch (decision.kind) {
      case 'ignore':
        if (PAYMENT_LIFE[payment.status] === 'live') await this.payments.recordCall(tx, payment, report);
        return payment;
      case 'review':
        await this.sideEffects.review(tx, payment, { reason: decision.reason, report });
        return payment;
      case 'surface':
        return this.sideEffects.surface(tx, payment, report);
      case 'move':
        return this.move(tx, payment, { move: decision, report });
    }
  }

  private async move(
    tx: Transaction,
    payment: Payment,
    { move, report }: { move: Move; report: ProviderReport },
  ): Promise<Payment> {
    const isLate = move.to === 'late_succeeded';
    const moved = await this.payments.move(tx, payment, {
      move,
      report,
      facts: {
        actionTtlMs: this.config.PAYMENT_ACTION_TTL_SECONDS * 1_000,
        nextCheckMs: this.nextCheckMs(move.to),
        refundedAmount: isLate ? (move.capture ?? null) : null,
      },
    });
    if (move.to === 'succeeded') await this.orders.complete(tx, payment.orderId);
    if (isLate) await this.sideEffects.returnMoney(tx, moved);
    if (payment.status === 'needs_review') await this.sideEffects.closeReviews(tx, moved, report);
    if (move.review) await this.sideEffects.review(tx, moved, { reason: move.review, report });
    return moved;
  }

  private nextCheckMs(status: PaymentStatus): number | null {
    if (status === 'unknown') return this.config.RECOVERY_POLL_MS;
    if (status === 'requires_action') return this.config.RECOVERY_BACKOFF_MAX_MS;
    return status === 'authorized' ? AUTHORIZED_CHECK_MS : null;
  }
}
