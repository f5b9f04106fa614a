import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Transaction } from '../../../contracts/transaction.js';
import { rowsOf } from '../../../platform/database/sql.js';
import { prepared } from '../../../platform/database/statements.js';

/** Another open delivery of a webhook about the same object. */
export interface Sibling {
  readonly eventId: string;
  readonly type: string;
  /** Somebody claimed it before this one was claimed, and is at work on it. */
  readonly isAhead: boolean;
}

const FIND = prepared(
  'webhooks.siblings',
  `SELECT d.event_id AS "eventId", i.type,
     coalesce(d.leased_until > now() AND (d.leased_until, d.event_id) < (mine.leased_until, mine.event_id), false) AS "isAhead"
   FROM webhook_inbox AS i
     JOIN events AS e ON e.stream = 'inbox-' || i.provider || '-' || i.event_id AND e.version = 1
     JOIN event_deliveries AS d ON d.event_id = e.id AND d.subscriber = 'webhooks'
     JOIN event_deliveries AS mine ON mine.event_id = $3 AND mine.subscriber = 'webhooks'
  WHERE i.provider = $1 AND i.object_id = $2 AND d.event_id <> $3 AND d.dead_at IS NULL`,
);

const CLOSE = `DELETE FROM event_deliveries WHERE subscriber = 'webhooks' AND dead_at IS NULL AND event_id = ANY ($1::uuid[])`;

@Injectable()
export class WebhookSiblingsRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** The open deliveries about the same object, as they are recorded now. */
  of(webhook: { provider: string; objectId: string; eventId: string }): Promise<Sibling[]> {
    return rowsOf(this.dataSource, FIND, [webhook.provider, webhook.objectId, webhook.eventId]);
  }

  /** Whoever has claimed one of them meanwhile finds its claim lost, and leaves no trace. */
  async close(tx: Transaction, siblings: readonly Sibling[]): Promise<void> {
    if (siblings.length > 0) await tx.query(CLOSE, [siblings.map(({ eventId }) => eventId)]);
  }
}
