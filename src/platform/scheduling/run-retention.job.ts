import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { JobEnd, ScheduledJob } from '../../contracts/schedules.js';
import { CONFIG, type Config } from '../config/config.js';
import { deleteInBatches } from '../database/deletion.js';

const CONDITION = `t.slot < now() - $2 * interval '1 day'`;

/** A slot is claimed while it is the current one only, so no old row is needed to keep it from running again. */
@Injectable()
export class RunRetention implements ScheduledJob {
  constructor(
    private readonly dataSource: DataSource,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  run(): Promise<JobEnd> {
    const { SCHEDULE_RUN_RETENTION_DAYS } = this.config;
    const from = { table: 'schedule_runs', condition: CONDITION };
    return deleteInBatches(this.dataSource, from, [SCHEDULE_RUN_RETENTION_DAYS]);
  }
}
