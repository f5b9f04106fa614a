import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../../contracts/transaction.js';
import type { Money } from '../../../shared/money.js';
import { type BookEntry, transfer } from '../ledger/ledger-book.js';
import { LedgerRepository } from '../ledger/ledger.repository.js';
import type { Payment } from '../payment.entity.js';
import { ReviewsRepository } from '../reviews/reviews.repository.js';
import type { DisputeChange, DisputeReport } from './dispute-settlement.js';
import type { Dispute } from './dispute.entity.js';

/** What a dispute brings about besides its own row. */
@Injectable()
export class DisputeBook {
  constructor(
    private readonly ledger: LedgerRepository,
    private readonly reviews: ReviewsRepository,
  ) {}

  /** Withdrawn money is a loss until it comes back; what Stripe charges for the dispute is a fee, also when it is won. */
  async enter(tx: Transaction, { id: sourceId }: Dispute, { withdrawn, reinstated }: DisputeChange): Promise<void> {
    if (withdrawn) {
      const { money, fee } = withdrawn;
      const entries = transfer(money, { debit: 'disputes', credit: 'provider:stripe' });
      await this.ledger.book(tx, { kind: 'dispute', sourceId, entries });
      if (fee.amount !== 0) await this.ledger.book(tx, { kind: 'fee', sourceId, entries: feeEntries(fee) });
    }
    if (reinstated) {
      const { money, fee } = reinstated;
      const entries = transfer(money, { debit: 'provider:stripe', credit: 'disputes' });
      // The fee of this dispute is booked already: one for giving the money back belongs to giving it back.
      const all = fee.amount === 0 ? entries : [...entries, ...feeEntries(fee)];
      await this.ledger.book(tx, { kind: 'dispute_reversal', sourceId, entries: all });
    }
  }

  /** An operator has until `dueBy` to answer the bank. */
  async flag(tx: Transaction, payment: Payment, what: { dispute: Dispute; report: DisputeReport }): Promise<void> {
    const { id, providerDisputeId, amount, currency, reason, status } = what.dispute;
    const { dueBy } = what.report;
    const evidence = { disputeId: id, providerDisputeId, amount, currency, reason, status, dueBy };
    await this.reviews.open(tx, payment, { reason: 'dispute-opened', evidence });
  }
}

function feeEntries(fee: Money): BookEntry[] {
  return transfer(fee, { debit: 'fees:stripe', credit: 'provider:stripe' });
}
