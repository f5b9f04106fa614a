import { Module, type Type } from '@nestjs/common';
import {
  JOB_NAMES,
  SCHEDULED_JOBS,
  type JobName,
  type ScheduledJob,
  type ScheduledJobs,
} from '../contracts/schedules.js';
import { DailyReconciliation } from '../domains/payments/reconciliation/reconciliation.job.js';
import { ReconciliationModule } from '../domains/payments/reconciliation/reconciliation.module.js';
import { ProviderCallRetention } from '../domains/payments/scheduled/provider-call-retention.job.js';
import { SalesSummary } from '../domains/payments/scheduled/sales-summary.job.js';
import { WebhookRetention } from '../domains/payments/scheduled/webhook-retention.job.js';
import { SessionRetention } from '../domains/users/sessions/session-retention.job.js';
import { IdempotencyRetention } from '../platform/database/idempotency-retention.job.js';
import { ParkedRetention } from '../platform/events/parked-retention.job.js';
import { RunRetention } from '../platform/scheduling/run-retention.job.js';
import { ScheduleRunsRepository } from '../platform/scheduling/schedule-runs.repository.js';
import { Schedules } from '../platform/scheduling/schedules.js';
import { SchedulesLoop } from '../platform/scheduling/schedules.loop.js';
import { SchedulesProcessor } from '../platform/scheduling/schedules.processor.js';

/** Who does which job of `contracts/schedules.ts`. */
const JOBS: Readonly<Record<JobName, Type<ScheduledJob>>> = {
  'forget-idempotency-keys': IdempotencyRetention,
  'forget-sessions': SessionRetention,
  'forget-webhooks': WebhookRetention,
  'forget-provider-calls': ProviderCallRetention,
  'forget-parked-deliveries': ParkedRetention,
  'forget-schedule-runs': RunRetention,
  'reconcile-payments': DailyReconciliation,
  'summarise-sales': SalesSummary,
};

const scheduledJobsProvider = {
  provide: SCHEDULED_JOBS,
  inject: JOB_NAMES.map((name) => JOBS[name]),
  useFactory: (...jobs: ScheduledJob[]): ScheduledJobs =>
    Object.fromEntries(JOB_NAMES.map((name, index) => [name, jobs[index]])) as ScheduledJobs,
};

/** Where the clock meets the work. Workers only. */
@Module({
  imports: [ReconciliationModule],
  providers: [
    ...Object.values(JOBS),
    scheduledJobsProvider,
    ScheduleRunsRepository,
    Schedules,
    SchedulesProcessor,
    SchedulesLoop,
  ],
})
export class ScheduledWorkModule {}
