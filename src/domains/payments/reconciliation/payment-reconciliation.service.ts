import { Injectable } from '@nestjs/common';
import { Transactions } from '../../../platform/database/transactions.js';
import { evidenceOf } from '../reviews/evidence.js';
import { SettlementService } from '../settlement/settlement.service.js';
import { FindingsService } from './findings.service.js';
import type { Mismatch } from './comparison/mismatch.js';
import { OUR_PAGE, OurBooksRepository } from './our-books.repository.js';
import { comparePayment, missingCapture, type OurPayment, type TheirPayment } from './comparison/payment-comparison.js';
import { ReconciliationsRepository } from './reconciliations.repository.js';
import type { Run } from './run.js';
import { StripeLists, type TheirCharge } from './stripe-lists.js';

const NO_ORDER = { isKnown: false, paidBy: null };

/** Compares payments, from both sides. Whatever differs is asked about once more before anything is done about it. */
@Injectable()
export class PaymentReconciliationService {
  constructor(
    private readonly transactions: Transactions,
    private readonly runs: ReconciliationsRepository,
    private readonly lists: StripeLists,
    private readonly books: OurBooksRepository,
    private readonly findings: FindingsService,
    private readonly settlement: SettlementService,
  ) {}

  /** A page of the provider's list of payments. */
  async takePayments(run: Run, page: readonly TheirPayment[]): Promise<void> {
    const ours = await this.books.paymentsOf(page);
    for (const theirs of page) {
      // An object without a row is looked into with the order it names; asking for all orders would be a query each.
      const row = ours.of(theirs);
      if (!row || comparePayment({ theirs, ours: row, order: NO_ORDER })) await this.lookInto(run, theirs);
    }
    await this.see(run, page);
    run.compared.payments += page.length;
  }

  /** A page of captured charges: those of payments that were made before the window, and those of no payment. */
  async takeCharges(run: Run, page: readonly TheirCharge[]): Promise<void> {
    const intentIds = page.flatMap(({ intentId }) => intentId ?? []);
    const seen = await this.runs.seen(run.id, intentIds);
    for (const charge of page) {
      if (charge.intentId === null) await this.strayCharge(run, charge);
      else if (!seen.has(charge.intentId)) await this.lookUp(run, charge.intentId);
    }
    run.compared.charges += page.length;
  }

  /** Our captured payments that none of the lists has shown. */
  async takeUnseen(run: Run): Promise<void> {
    let after: string | null = null;
    for (;;) {
      const page: OurPayment[] = await this.books.capturedUnseen(run, after);
      for (const ours of page) await this.lookForCapture(run, ours);
      if (page.length < OUR_PAGE) return;
      after = page.at(-1)?.id ?? null;
    }
  }

  private async lookUp(run: Run, intentId: string): Promise<void> {
    const theirs = await this.lists.payment(intentId);
    if (!theirs) return;
    await this.judge(run, theirs);
    await this.see(run, [theirs]);
  }

  private async lookForCapture(run: Run, ours: OurPayment): Promise<void> {
    const theirs = ours.providerPaymentId === null ? null : await this.lists.payment(ours.providerPaymentId);
    if (theirs) return this.judge(run, theirs);
    return this.findings.queue(run, missingCapture(ours), factsOf(null, ours));
  }

  /** The list may be older than our rows by now: the provider and the books are read again. */
  private async lookInto(run: Run, listed: TheirPayment): Promise<void> {
    if (isNobodys(listed)) return;
    await this.judge(run, (await this.lists.payment(listed.id)) ?? listed);
  }

  private async judge(run: Run, theirs: TheirPayment): Promise<void> {
    const ours = (await this.books.paymentsOf([theirs])).of(theirs);
    const order = ours ? NO_ORDER : await this.books.orderOf(theirs);
    const mismatch = comparePayment({ theirs, ours, order });
    if (!mismatch) return;
    const facts = factsOf(theirs, ours);
    if (mismatch.cure === 'settle' && ours) await this.settle(run, { mismatch, theirs, ours, facts });
    else await this.findings.queue(run, mismatch, facts);
  }

  /** `settle()` decides; what it could not take for granted it has put before an operator itself. */
  private async settle(
    run: Run,
    { mismatch, theirs, ours, facts }: { mismatch: Mismatch; theirs: TheirPayment; ours: OurPayment; facts: object },
  ): Promise<void> {
    const settled = await this.settlement.settle(ours, theirs.report);
    const isHealed = mismatch.class === 'late' && settled.status !== 'needs_review';
    await this.findings.settled(run, mismatch, { resolution: isHealed ? 'healed' : 'review', facts });
  }

  private async strayCharge(run: Run, { id, amount, currency }: TheirCharge): Promise<void> {
    const mismatch = { class: 'missing-row', subject: id, paymentId: null, cure: 'operator' } as const;
    await this.findings.queue(run, mismatch, { theirs: { chargeId: id, amount, currency }, ours: null });
  }

  private async see(run: Run, page: readonly TheirPayment[]): Promise<void> {
    const ids = page.map(({ id }) => id);
    await this.transactions.run((tx) => this.runs.see(tx, run.id, ids));
  }
}

/** Names no payment of ours, and holds no money: somebody else's, on the same account. */
function isNobodys({ report, paymentId }: TheirPayment): boolean {
  return paymentId === undefined && report.status !== 'succeeded';
}

function factsOf(theirs: TheirPayment | null, ours: OurPayment | undefined): object {
  return {
    theirs: theirs && {
      ...evidenceOf(theirs.report),
      id: theirs.id,
      paymentId: theirs.paymentId,
      orderId: theirs.orderId,
    },
    ours: ours && {
      status: ours.status,
      amount: ours.amount,
      currency: ours.currency,
      capturedAmount: ours.capturedAmount,
      refundedAmount: ours.refundedAmount,
      bookedAmount: ours.bookedAmount,
      providerPaymentId: ours.providerPaymentId,
    },
  };
}
