import { Injectable } from '@nestjs/common';
import { Transactions } from '../../../platform/database/transactions.js';
import { Alarms } from '../../../platform/telemetry/alarms.js';
import { FindingsService } from './findings.service.js';
import { PaymentReconciliationService } from './payment-reconciliation.service.js';
import { ReconciliationsRepository, type Compared, type Counts } from './reconciliations.repository.js';
import { RefundReconciliationService } from './refund-reconciliation.service.js';
import { Run } from './run.js';
import { StripeLists } from './stripe-lists.js';

/** How far before the window the provider's lists are read: its clock and ours may differ. */
const CLOCK_SKEW_MS = 300_000;

export interface ReconciliationResult {
  readonly compared: Compared;
  readonly counts: Counts;
}

@Injectable()
export class ReconcilerService {
  constructor(
    private readonly transactions: Transactions,
    private readonly runs: ReconciliationsRepository,
    private readonly lists: StripeLists,
    private readonly payments: PaymentReconciliationService,
    private readonly refunds: RefundReconciliationService,
    private readonly findings: FindingsService,
  ) {}

  /**
   * Compares the provider's own lists with our books, heals what settling heals, and puts the rest before an operator.
   * It holds a page at a time, and bears being begun again: what is healed is not found a second time, and what was found is
   * known. Undefined when it was completed before. @throws where the provider does not answer, to be tried again
   */
  async reconcile(id: string): Promise<ReconciliationResult | undefined> {
    const begun = await this.transactions.run((tx) => this.runs.begin(tx, id));
    if (!begun) return undefined;
    const run = new Run(begun.id, begun.from, begun.to);
    const window = { from: new Date(run.from.getTime() - CLOCK_SKEW_MS), to: run.to };
    for await (const page of this.lists.payments(window)) await this.payments.takePayments(run, page);
    for await (const page of this.lists.charges(window)) await this.payments.takeCharges(run, page);
    await this.payments.takeUnseen(run);
    for await (const page of this.lists.refunds(window)) await this.refunds.takeRefunds(run, page);
    await this.refunds.takeUnseen(run);
    await this.forgetSeen(run);
    return { compared: run.compared, counts: await this.findings.countsOf(run) };
  }

  private async forgetSeen({ id }: Run): Promise<void> {
    let isMore = true;
    while (isMore) isMore = await this.transactions.run((tx) => this.runs.forget(tx, id));
  }
}

/** Tells once per run that somebody has to look, and at how much. */
export function alarmAbout(alarms: Alarms, reconciliationId: string, { counts }: ReconciliationResult): void {
  const queued: Record<string, number> = {};
  for (const [name, { review = 0, open = 0 }] of Object.entries(counts)) {
    if (review + open > 0) queued[name] = review + open;
  }
  if (Object.keys(queued).length > 0) alarms.raise('reconciliation-mismatch', { reconciliationId, ...queued });
}
