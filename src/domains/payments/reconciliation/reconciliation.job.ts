import { Inject, Injectable } from '@nestjs/common';
import type { JobEnd, ScheduledJob } from '../../../contracts/schedules.js';
import { CONFIG, type Config } from '../../../platform/config/config.js';
import { ReconciliationRequests } from './reconciliation-requests.service.js';

const DAY_MS = 86_400_000;

/** Asks for the days before a slot. They overlap: what was reserved a week ago may be captured today. */
@Injectable()
export class DailyReconciliation implements ScheduledJob {
  constructor(
    private readonly requests: ReconciliationRequests,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async run(slot: Date): Promise<JobEnd> {
    const from = new Date(slot.getTime() - this.config.RECONCILIATION_LOOKBACK_DAYS * DAY_MS);
    return {
      outcome: `requested from ${from.toISOString().slice(0, 10)}`,
      effect: async (tx) => void (await this.requests.request(tx, { from, to: slot }, null)),
    };
  }
}
