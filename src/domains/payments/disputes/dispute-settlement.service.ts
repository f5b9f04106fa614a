import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../../contracts/transaction.js';
import { Transactions } from '../../../platform/database/transactions.js';
import { Alarms } from '../../../platform/telemetry/alarms.js';
import type { Payment } from '../payment.entity.js';
import { PaymentsRepository } from '../payments.repository.js';
import { DisputeBook } from './dispute-book.js';
import { type DisputeChange, type DisputeReport, decideDispute } from './dispute-settlement.js';
import type { Dispute } from './dispute.entity.js';
import { DisputesRepository } from './disputes.repository.js';
import { StripeDisputes } from './stripe-disputes.js';

@Injectable()
export class DisputeSettlementService {
  constructor(
    private readonly transactions: Transactions,
    private readonly stripe: StripeDisputes,
    private readonly payments: PaymentsRepository,
    private readonly disputes: DisputesRepository,
    private readonly book: DisputeBook,
    private readonly alarms: Alarms,
  ) {}

  /**
   * Asks Stripe about a dispute and records what it says: row, bookings, review and events commit together, once
   * however often it is told. False when Stripe has no such dispute, or it is about no payment of ours.
   */
  async settleDispute(disputeId: string): Promise<boolean> {
    const report = await this.stripe.retrieve(disputeId);
    const intent = report?.providerPaymentId;
    const payment = intent ? await this.payments.findByProviderId(intent) : undefined;
    if (!report || !payment) return false;
    const { opened, isNew } = await this.transactions.run((tx) => this.settleIn(tx, payment, report));
    if (opened && isNew) {
      const { id, amount, currency, reason } = opened;
      this.alarms.raise('dispute-opened', { disputeId: id, paymentId: payment.id, amount, currency, reason });
    }
    return true;
  }

  private async settleIn(
    tx: Transaction,
    { id }: Payment,
    report: DisputeReport,
  ): Promise<{ opened: Dispute | null; isNew: boolean }> {
    const payment = await this.payments.lock(tx, id);
    const known = await this.disputes.lock(tx, report.providerDisputeId);
    let dispute = known;
    // Two steps at most: one we never heard of, and that is over, is opened and closed.
    for (let change = decideDispute(dispute, report); change; change = decideDispute(dispute, report)) {
      dispute = await this.step(tx, payment, { dispute, report, change });
    }
    return { opened: dispute, isNew: known === null };
  }

  private async step(
    tx: Transaction,
    payment: Payment,
    { dispute, report, change }: { dispute: Dispute | null; report: DisputeReport; change: DisputeChange },
  ): Promise<Dispute> {
    const moved = dispute
      ? await this.disputes.change(tx, payment, { dispute, change })
      : await this.disputes.open(tx, payment, { report, change });
    if (!moved) throw new Error(`dispute ${report.providerDisputeId} was not written`);
    await this.book.enter(tx, moved, change);
    if (!dispute) await this.book.flag(tx, payment, { dispute: moved, report });
    return moved;
  }
}
