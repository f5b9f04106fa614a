import type { Transaction } from './transaction.js';

export interface Schedule {
  /** Slots begin with each UTC hour or day of PostgreSQL's clock. */
  readonly every: 'hour' | 'day';
  readonly what: string;
}

/** Every job that runs by the clock. A job without somebody who does it does not compile ({@link ScheduledJobs}). */
export const SCHEDULES = {
  'forget-idempotency-keys': { every: 'hour', what: 'Deletes expired keys, except those of what is still under way.' },
  'forget-sessions': { every: 'day', what: 'Deletes sessions that ended or expired long enough ago.' },
  'forget-webhooks': { every: 'day', what: 'Deletes old webhooks whose work is done.' },
  'forget-provider-calls': { every: 'day', what: 'Deletes old evidence that nothing open rests on.' },
  'forget-parked-deliveries': { every: 'day', what: 'Deletes parked work that nobody replayed.' },
  'forget-schedule-runs': { every: 'day', what: 'Deletes old rows of this very list.' },
  'reconcile-payments': { every: 'day', what: "Has the provider's lists compared with our books." },
  'summarise-sales': { every: 'day', what: 'Records what the day before brought, per currency.' },
} as const satisfies Record<string, Schedule>;

export type JobName = keyof typeof SCHEDULES;

export const JOB_NAMES = Object.keys(SCHEDULES) as readonly JobName[];

/** How a run ended. */
export interface JobEnd {
  /** For people, for example `17 deleted`. */
  readonly outcome: string;
  /** Committed together with the end of the run: once, however often the job had to start over. */
  readonly effect?: (tx: Transaction) => Promise<void>;
}

/** Does a job's work for one slot. It may be called again for the same slot (a crash, an error): work that is not in its effect must bear that. */
export interface ScheduledJob {
  run(slot: Date): Promise<JobEnd>;
}

export type ScheduledJobs = Readonly<Record<JobName, ScheduledJob>>;

/** Injection token of {@link ScheduledJobs}: platform knows the clock, the domains know the work. */
export const SCHEDULED_JOBS = Symbol('SCHEDULED_JOBS');
