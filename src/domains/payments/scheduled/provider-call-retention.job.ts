import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { JobEnd, ScheduledJob } from '../../../contracts/schedules.js';
import { CONFIG, type Config } from '../../../platform/config/config.js';
import { inBatches } from '../../../platform/database/deletion.js';

/** The only way evidence goes; what it never touches is decided in the database (migration 1790000000008). */
const FORGET = `SELECT forget_provider_calls(now() - $2 * interval '1 day', $1) AS count`;

@Injectable()
export class ProviderCallRetention implements ScheduledJob {
  constructor(
    private readonly dataSource: DataSource,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  run(): Promise<JobEnd> {
    return inBatches(this.dataSource, FORGET, [this.config.PROVIDER_CALL_RETENTION_DAYS]);
  }
}
