import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { JobEnd, ScheduledJob } from '../../../contracts/schedules.js';
import { CONFIG, type Config } from '../../../platform/config/config.js';
import { deleteInBatches } from '../../../platform/database/deletion.js';

const CONDITION = `least(t.revoked_at, t.expires_at) < now() - $2 * interval '1 day'`;

/** A session that is over keeps its device and address for a while, for whoever asks what happened; then it goes. */
@Injectable()
export class SessionRetention implements ScheduledJob {
  constructor(
    private readonly dataSource: DataSource,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  run(): Promise<JobEnd> {
    const { SESSION_RETENTION_DAYS } = this.config;
    return deleteInBatches(this.dataSource, { table: 'sessions', condition: CONDITION }, [SESSION_RETENTION_DAYS]);
  }
}
