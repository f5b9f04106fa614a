import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { JOB_NAMES, SCHEDULES, type JobName } from '../../contracts/schedules.js';
import type { Transaction } from '../../contracts/transaction.js';
import { rowsOf } from '../database/sql.js';
import { prepared } from '../database/statements.js';

/** One run of one job: whoever inserts it first has it. */
export interface Slot {
  readonly job: JobName;
  readonly slot: Date;
}

export interface ScheduleStanding {
  readonly job: JobName;
  readonly nextSlot: Date;
  /** Newest first. Times as PostgreSQL writes them in JSON. */
  readonly runs: readonly {
    slot: string;
    startedAt: string;
    finishedAt: string | null;
    outcome: string | null;
  }[];
}

const EVERY = JOB_NAMES.map((job) => SCHEDULES[job].every);

const JOBS = `unnest($1::text[], $2::text[]) WITH ORDINALITY AS j (job, every, position)`;

/** The current hour or day is the latest slot there is: after a downtime it is the one that runs, and the only one. */
const CURRENT = `date_trunc(j.every, now(), 'UTC')`;

const CLAIM = prepared(
  'schedules.claim',
  `INSERT INTO schedule_runs (job, slot) SELECT j.job, ${CURRENT} FROM ${JOBS} ORDER BY j.position
   ON CONFLICT DO NOTHING RETURNING job, slot`,
);

const FINISH = `UPDATE schedule_runs SET finished_at = clock_timestamp(), outcome = $3 WHERE job = $1 AND slot = $2`;

const LIST = `SELECT j.job, ${CURRENT} + CASE j.every WHEN 'hour' THEN interval '1 hour' ELSE interval '24 hours' END AS "nextSlot",
    (SELECT coalesce(json_agg(r), '[]') FROM (
      SELECT slot, started_at AS "startedAt", finished_at AS "finishedAt", outcome FROM schedule_runs
       WHERE job = j.job ORDER BY slot DESC LIMIT $3) AS r) AS runs
  FROM ${JOBS} ORDER BY j.position`;

@Injectable()
export class ScheduleRunsRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** The current slots that nobody had yet; the primary key decides between twins, PostgreSQL's clock what is current. */
  claim(tx: Transaction): Promise<Slot[]> {
    return rowsOf(tx, CLAIM, [JOB_NAMES, EVERY]);
  }

  async finish(tx: Transaction, { job, slot }: Slot, outcome: string): Promise<void> {
    await tx.query(FINISH, [job, slot, outcome]);
  }

  /** Every job with its last runs. */
  list(runsMax: number): Promise<ScheduleStanding[]> {
    return rowsOf(this.dataSource, LIST, [JOB_NAMES, EVERY, runsMax]);
  }
}
