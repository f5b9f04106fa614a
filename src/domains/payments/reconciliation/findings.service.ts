import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../../contracts/transaction.js';
import { Transactions } from '../../../platform/database/transactions.js';
import { ReviewsRepository } from '../reviews/reviews.repository.js';
import { FindingsRepository, type Resolution } from './findings.repository.js';
import type { Mismatch } from './comparison/mismatch.js';
import type { Counts } from './reconciliations.repository.js';
import type { Run } from './run.js';

@Injectable()
export class FindingsService {
  constructor(
    private readonly transactions: Transactions,
    private readonly findings: FindingsRepository,
    private readonly reviews: ReviewsRepository,
  ) {}

  /** What settling could not or must not heal goes to an operator, once: with its payment, or by the finding alone. */
  async queue(run: Run, mismatch: Mismatch, facts: object): Promise<void> {
    const resolution = mismatch.paymentId === null ? 'open' : 'review';
    await this.transactions.run(async (tx) => {
      const isNew = await this.record(tx, run, { mismatch, resolution, facts });
      if (!isNew || mismatch.paymentId === null) return;
      const evidence = { subject: mismatch.subject, reconciliationId: run.id, ...facts };
      await this.reviews.open(tx, { id: mismatch.paymentId }, { reason: `reconciliation-${mismatch.class}`, evidence });
    });
  }

  /** After `settle()`, which has opened a review itself where it was in doubt. */
  async settled(
    run: Run,
    mismatch: Mismatch,
    outcome: { resolution: Exclude<Resolution, 'open'>; facts: object },
  ): Promise<void> {
    await this.transactions.run((tx) => this.record(tx, run, { mismatch, ...outcome }));
  }

  /** What this run found first, by what became of it, and how much of the rest was known. */
  async countsOf(run: Run): Promise<Counts> {
    const counts: Counts = {};
    for (const { class: found, resolution, count } of await this.findings.count(run.id)) {
      counts[found] = { ...counts[found], [resolution]: count };
    }
    for (const [found, { size }] of run.known) counts[found] = { ...counts[found], known: size };
    return counts;
  }

  private async record(
    tx: Transaction,
    run: Run,
    found: { mismatch: Mismatch; resolution: Resolution; facts: object },
  ): Promise<boolean> {
    if (await this.findings.record(tx, run.id, found)) return true;
    const { mismatch } = found;
    // This very run may meet the same again: in another list, or after it had to start over.
    if ((await this.findings.runOf(tx, mismatch)) !== run.id) run.noteKnown(mismatch.class, mismatch.subject);
    return false;
  }
}
