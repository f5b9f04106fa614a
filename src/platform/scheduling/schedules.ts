import { Injectable } from '@nestjs/common';
import { Transactions } from '../database/transactions.js';
import { Events } from '../events/events.js';
import { ScheduleRunsRepository, type Slot } from './schedule-runs.repository.js';

/** Turns the clock into events: one per job and slot, whoever looks, and however many look at once. */
@Injectable()
export class Schedules {
  constructor(
    private readonly transactions: Transactions,
    private readonly runs: ScheduleRunsRepository,
    private readonly events: Events,
  ) {}

  /** Claims every slot that is due and free, and has it worked on by whoever hears `schedule.due`: one transaction. */
  claimDue(): Promise<Slot[]> {
    return this.transactions.run(async (tx) => {
      const claimed = await this.runs.claim(tx);
      for (const { job, slot } of claimed) {
        const at = slot.toISOString();
        const event = { name: 'schedule.due', stream: `schedule-${job}-${at}`, version: 1 } as const;
        await this.events.append(tx, { ...event, payload: { job, slot: at } });
      }
      return claimed;
    });
  }
}
