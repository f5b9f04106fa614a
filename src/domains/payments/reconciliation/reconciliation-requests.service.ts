import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../../contracts/transaction.js';
import { Events } from '../../../platform/events/events.js';
import { ReconciliationsRepository, type Reconciliation } from './reconciliations.repository.js';
import type { Window } from './stripe-lists.js';

@Injectable()
export class ReconciliationRequests {
  constructor(
    private readonly runs: ReconciliationsRepository,
    private readonly events: Events,
  ) {}

  /** Has a window reconciled by whichever worker hears of it. */
  async request(tx: Transaction, window: Window, requestedBy: string | null): Promise<Reconciliation> {
    const run = await this.runs.request(tx, window, requestedBy);
    const stream = `reconciliation-${run.id}`;
    const payload = { reconciliationId: run.id };
    await this.events.append(tx, { name: 'reconciliation.requested', stream, version: 1, payload });
    return run;
  }
}
