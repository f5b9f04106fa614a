import type { Job } from 'bull';
import { DataSource } from 'typeorm';
import { JOB_NAMES, type JobEnd, type JobName, type ScheduledJobs } from '../../src/contracts/schedules.js';
import type { Config } from '../../src/platform/config/config.js';
import { testConfig } from '../support/config.js';
import { dataSourceOptions } from '../../src/platform/database/data-source.js';
import { Transactions } from '../../src/platform/database/transactions.js';
import { Consumer } from '../../src/platform/events/consumer.js';
import { DeliveriesRepository, type DispatchedDelivery } from '../../src/platform/events/deliveries.repository.js';
import { Events } from '../../src/platform/events/events.js';
import { ScheduleRunsRepository } from '../../src/platform/scheduling/schedule-runs.repository.js';
import { Schedules } from '../../src/platform/scheduling/schedules.js';
import { SchedulesProcessor } from '../../src/platform/scheduling/schedules.processor.js';
import { Alarms } from '../../src/platform/telemetry/alarms.js';
import { Log } from '../../src/platform/telemetry/log.js';
import type { TestDatabase } from '../support/database.js';

/** A job every run of which is noted: what it did at once, and what was committed with its end. */
export class NotedJobs {
  readonly ran: JobName[] = [];
  /** Thrown by the next run instead of an end. */
  trouble: Error | null = null;
  readonly jobs: ScheduledJobs;

  constructor() {
    const entries = JOB_NAMES.map((name) => [name, { run: (slot: Date) => this.run(name, slot) }]);
    this.jobs = Object.fromEntries(entries) as ScheduledJobs;
  }

  private async run(name: JobName, slot: Date): Promise<JobEnd> {
    this.ran.push(name);
    const { trouble } = this;
    this.trouble = null;
    if (trouble) throw trouble;
    const note = `INSERT INTO noted_effects (job, slot) VALUES ($1, $2)`;
    return { outcome: `did ${name}`, effect: async (tx) => void (await tx.query(note, [name, slot])) };
  }
}

/** Where {@link NotedJobs} leave their effects. */
export async function createNotes(db: TestDatabase): Promise<void> {
  await db.query(`CREATE TABLE noted_effects (job text NOT NULL, slot timestamptz NOT NULL)`);
  await db.query(`GRANT INSERT ON noted_effects TO purser_app`);
}

export function settingsOf(db: TestDatabase, settings: Readonly<Record<string, string>> = {}): Config {
  return testConfig({
    APP_ENV: 'test',
    LOG_LEVEL: 'CRITICAL',
    DATABASE_URL: db.databaseUrl,
    REDIS_URL: 'redis://127.0.0.1:1',
    ...settings,
  });
}

/** What one worker has of the schedules, with connections of its own and without Bull: a test says when it looks. */
export class ClockWorker {
  readonly runs: ScheduleRunsRepository;
  readonly schedules: Schedules;
  private readonly processor: SchedulesProcessor;

  private constructor(
    private readonly dataSource: DataSource,
    config: Config,
    jobs: ScheduledJobs,
  ) {
    const log = new Log(config);
    const transactions = new Transactions(dataSource);
    const deliveries = new DeliveriesRepository(dataSource, config);
    const consumer = new Consumer(deliveries, transactions, new Alarms(log), log, config);
    this.runs = new ScheduleRunsRepository(dataSource);
    this.schedules = new Schedules(transactions, this.runs, new Events());
    this.processor = new SchedulesProcessor(consumer, this.runs, jobs);
  }

  static async start(db: TestDatabase, jobs: ScheduledJobs): Promise<ClockWorker> {
    const config = settingsOf(db);
    return new ClockWorker(await new DataSource(dataSourceOptions(config)).initialize(), config, jobs);
  }

  async hear(eventId: string): Promise<void> {
    const data: DispatchedDelivery = { eventId, subscriber: 'schedules', attempts: 0 };
    await this.processor.hear({ data } as Job<DispatchedDelivery>);
  }

  async stop(): Promise<void> {
    await this.dataSource.destroy();
  }
}
