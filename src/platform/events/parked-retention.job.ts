import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { JobEnd, ScheduledJob } from '../../contracts/schedules.js';
import { CONFIG, type Config } from '../config/config.js';
import { deleteInBatches } from '../database/deletion.js';

const CONDITION = `t.dead_at < now() - $2 * interval '1 day'`;

/** What nobody replayed for so long is given up. Its event stays, and work that is not parked is never touched. */
@Injectable()
export class ParkedRetention implements ScheduledJob {
  constructor(
    private readonly dataSource: DataSource,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  run(): Promise<JobEnd> {
    const { PARKED_DELIVERY_RETENTION_DAYS } = this.config;
    const from = { table: 'event_deliveries', condition: CONDITION };
    return deleteInBatches(this.dataSource, from, [PARKED_DELIVERY_RETENTION_DAYS]);
  }
}
