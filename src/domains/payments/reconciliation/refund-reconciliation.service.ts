import { Injectable } from '@nestjs/common';
import { Transactions } from '../../../platform/database/transactions.js';
import { FoundRefundsService } from '../refunds/found-refunds.service.js';
import type { FoundRefund } from '../refunds/refund-report.js';
import { FindingsService } from './findings.service.js';
import { OUR_PAGE, OurBooksRepository } from './our-books.repository.js';
import { ReconciliationsRepository } from './reconciliations.repository.js';
import { compareRefund, missingRefund, type OurRefund, type RefundPair } from './comparison/refund-comparison.js';
import type { Run } from './run.js';
import { StripeLists } from './stripe-lists.js';

/** Compares refunds, from both sides, as payments are compared. */
@Injectable()
export class RefundReconciliationService {
  constructor(
    private readonly transactions: Transactions,
    private readonly runs: ReconciliationsRepository,
    private readonly lists: StripeLists,
    private readonly books: OurBooksRepository,
    private readonly findings: FindingsService,
    private readonly found: FoundRefundsService,
  ) {}

  /** A page of the provider's list of refunds. */
  async takeRefunds(run: Run, page: readonly FoundRefund[]): Promise<void> {
    for (const pair of await this.pairsOf(page)) {
      if (compareRefund(pair)) await this.lookInto(run, pair.theirs);
    }
    const ids = page.map(({ report }) => report.providerRefundId);
    await this.transactions.run((tx) => this.runs.see(tx, run.id, ids));
    run.compared.refunds += page.length;
  }

  /** Our refunds that the provider should have, and that its list has not shown. */
  async takeUnseen(run: Run): Promise<void> {
    let after: string | null = null;
    for (;;) {
      const page: OurRefund[] = await this.books.refundsUnseen(run, after);
      for (const ours of page) await this.lookFor(run, ours);
      if (page.length < OUR_PAGE) return;
      after = page.at(-1)?.id ?? null;
    }
  }

  private async lookFor(run: Run, ours: OurRefund): Promise<void> {
    const theirs = ours.providerRefundId === null ? null : await this.lists.refund(ours.providerRefundId);
    if (theirs) return this.judge(run, theirs);
    return this.findings.queue(run, missingRefund(ours), { theirs: null, ours: ourFacts(ours) });
  }

  private async lookInto(run: Run, listed: FoundRefund): Promise<void> {
    await this.judge(run, (await this.lists.refund(listed.report.providerRefundId)) ?? listed);
  }

  private async judge(run: Run, theirs: FoundRefund): Promise<void> {
    const [pair] = await this.pairsOf([theirs]);
    const mismatch = pair && compareRefund(pair);
    if (!mismatch) return;
    const facts = { theirs: theirFacts(theirs), ours: pair.ours ? ourFacts(pair.ours) : null };
    if (mismatch.cure === 'operator') return this.findings.queue(run, mismatch, facts);
    await this.found.settle(theirs);
    const [after] = await this.pairsOf([theirs]);
    const isHealed = !after || compareRefund(after) === null;
    await this.findings.settled(run, mismatch, { resolution: isHealed ? 'healed' : 'review', facts });
  }

  private async pairsOf(page: readonly FoundRefund[]): Promise<RefundPair[]> {
    const ours = await this.books.refundsOf(
      page.flatMap(({ refundId }) => refundId ?? []),
      page.map(({ report }) => report.providerRefundId),
    );
    const pairs = page.map((theirs) => ({ theirs, ours: ours.find((one) => isSame(one, theirs)) }));
    const payments = await this.books.paymentsOf(
      pairs.map((pair) => ({ id: pair.theirs.report.providerPaymentId ?? '', paymentId: pair.ours?.paymentId })),
    );
    return pairs.map(({ theirs, ours: own }) => {
      const name = { id: theirs.report.providerPaymentId ?? '', paymentId: own?.paymentId };
      return { theirs, ours: own, payment: payments.of(name) };
    });
  }
}

function isSame(ours: OurRefund, { refundId, report }: FoundRefund): boolean {
  return ours.id === refundId || ours.providerRefundId === report.providerRefundId;
}

function theirFacts({ report, refundId }: FoundRefund): object {
  const { status, providerRefundId, providerPaymentId, amount, currency } = report;
  return { status, providerRefundId, providerPaymentId, amount, currency, refundId };
}

function ourFacts({ id, status, amount, currency, providerRefundId, isInLedger }: OurRefund): object {
  return { id, status, amount, currency, providerRefundId, isInLedger };
}
