import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { JobEnd, ScheduledJob } from '../../../contracts/schedules.js';
import { CONFIG, type Config } from '../../../platform/config/config.js';
import { deleteInBatches } from '../../../platform/database/deletion.js';

const CONDITION = `t.received_at < now() - $2 * interval '1 day'
  AND NOT EXISTS (SELECT FROM events AS e JOIN event_deliveries AS d ON d.event_id = e.id
    WHERE e.stream = 'inbox-' || t.provider || '-' || t.event_id AND e.version = 1)`;

/** A webhook's payload is personal data and a hint that was followed long ago. One that is open or parked stays. */
@Injectable()
export class WebhookRetention implements ScheduledJob {
  constructor(
    private readonly dataSource: DataSource,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  run(): Promise<JobEnd> {
    const { WEBHOOK_RETENTION_DAYS } = this.config;
    return deleteInBatches(this.dataSource, { table: 'webhook_inbox', condition: CONDITION }, [WEBHOOK_RETENTION_DAYS]);
  }
}
