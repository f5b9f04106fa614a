import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { JobEnd, ScheduledJob } from '../../contracts/schedules.js';
import { deleteInBatches } from './deletion.js';

const CONDITION = `t.expires_at < now()
  AND NOT EXISTS (SELECT FROM live_resources AS live WHERE live.id = t.resource_id)`;

/** A key is good for a week, and for as long as what it made is under way: a repetition must never make a second one. */
@Injectable()
export class IdempotencyRetention implements ScheduledJob {
  constructor(private readonly dataSource: DataSource) {}

  run(): Promise<JobEnd> {
    return deleteInBatches(this.dataSource, { table: 'idempotency_keys', condition: CONDITION });
  }
}
