import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Act } from '../../contracts/acts.js';
import { firstIdAt, rowsOf } from '../database/sql.js';

export interface RecordedAct {
  readonly id: string;
  readonly act: Act;
  readonly actorId: string | null;
  readonly apiKeyId: string | null;
  readonly subject: string;
  readonly before: Record<string, unknown> | null;
  readonly after: Record<string, unknown> | null;
  readonly ip: string | null;
  readonly device: string | null;
  readonly requestId: string | null;
  readonly occurredAt: Date;
}

export interface ActSearch {
  readonly actorId?: string;
  readonly act?: Act;
  readonly subject?: string;
  readonly from: Date | null;
  readonly to: Date | null;
  readonly after?: string;
  readonly limit: number;
}

// The ids only narrow the search, with an hour for clocks that differ; the act's own time decides.
const LIST = `SELECT d.event_id AS id, d.act, d.actor_id AS "actorId", e.metadata ->> 'apiKeyId' AS "apiKeyId", d.subject,
    d.before, d.after, d.ip, d.device, e.metadata ->> 'requestId' AS "requestId", e.occurred_at AS "occurredAt"
  FROM audit_details AS d JOIN events AS e ON e.id = d.event_id
 WHERE ($1::timestamptz IS NULL OR (e.occurred_at >= $1
      AND d.event_id >= ${firstIdAt(`greatest($1::timestamptz - interval '1 hour', 'epoch')`)}))
   AND ($2::timestamptz IS NULL OR (e.occurred_at < $2
      AND d.event_id < ${firstIdAt(`greatest($2::timestamptz + interval '1 hour', 'epoch')`)}))
   AND ($3::uuid IS NULL OR d.actor_id = $3) AND ($4::text IS NULL OR d.act = $4)
   AND ($5::text IS NULL OR d.subject = $5) AND ($6::uuid IS NULL OR d.event_id < $6)
 ORDER BY d.event_id DESC LIMIT $7`;

@Injectable()
export class ActsRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Newest first, older than `after`. */
  list({ from, to, actorId, act, subject, after, limit }: ActSearch): Promise<RecordedAct[]> {
    const filter = [actorId ?? null, act ?? null, subject ?? null];
    return rowsOf(this.dataSource, LIST, [from, to, ...filter, after ?? null, limit]);
  }
}
