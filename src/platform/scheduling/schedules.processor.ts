import { Process, Processor } from '@nestjs/bull';
import { Inject } from '@nestjs/common';
import type { Job } from 'bull';
import { SCHEDULED_JOBS, SCHEDULES, type ScheduledJobs } from '../../contracts/schedules.js';
import { Consumer, type Effect, GiveUp, type Handlers } from '../events/consumer.js';
import type { DispatchedDelivery } from '../events/deliveries.repository.js';
import { ScheduleRunsRepository, type Slot } from './schedule-runs.repository.js';

/** Has the jobs done. Their end is written in the transaction that closes the delivery, together with their effect. */
@Processor('schedules')
export class SchedulesProcessor {
  private readonly handlers: Handlers<'schedules'> = {
    'schedule.due': ({ payload: { job, slot } }) => this.work({ job, slot: new Date(slot) }),
  };

  constructor(
    private readonly consumer: Consumer,
    private readonly runs: ScheduleRunsRepository,
    @Inject(SCHEDULED_JOBS) private readonly jobs: ScheduledJobs,
  ) {}

  /** One at a time: nobody waits for this work, and customers want the connections. */
  @Process({ concurrency: 1 })
  hear(job: Job<DispatchedDelivery>): Promise<void> {
    return this.consumer.consume(job.data, this.handlers);
  }

  private async work(due: Slot): Promise<Effect> {
    // Claimed by another release, which knew a job that this one does not.
    if (!(due.job in SCHEDULES)) throw new GiveUp(`nobody here does ${due.job}`);
    const { outcome, effect } = await this.jobs[due.job].run(due.slot);
    return async (tx) => {
      await effect?.(tx);
      await this.runs.finish(tx, due, outcome);
    };
  }
}
