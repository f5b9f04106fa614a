import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Transaction } from '../../contracts/transaction.js';
import { rowOf, rowsOf } from '../../platform/database/sql.js';
import { prepared } from '../../platform/database/statements.js';
import { eventFacts } from '../../platform/events/events.js';
import { newId } from '../../shared/ids.js';
import type { Notification } from './notification.entity.js';

/** What a fact becomes: `factId` makes it one notification per kind and channel, however often it is heard. */
export type Tidings = Pick<Notification, 'kind' | 'factId' | 'userId' | 'orderId'>;

/** A notification marked `sending`. Everything its sender writes names `version`, so that an old claimer changes nothing. */
export interface SendingClaim {
  readonly notification: Notification;
  /** It was `sending` already: somebody's call ended in a way that nobody recorded. */
  readonly isAmbiguous: boolean;
}

const COLUMNS = `n.id, n.user_id AS "userId", n.kind, n.fact_id AS "factId", n.channel, n.order_id AS "orderId",
  n.status, n.ambiguous_sends AS "ambiguousSends", n.provider_message_id AS "providerMessageId",
  n.last_error AS "lastError", n.version, n.created_at AS "createdAt", n.updated_at AS "updatedAt"`;

const QUEUE = prepared(
  'notifications.queue',
  `WITH n AS (
     INSERT INTO notifications (id, kind, fact_id, channel, user_id, order_id) VALUES ($1, $2, $3, 'email', $4, $5)
     ON CONFLICT ON CONSTRAINT notifications_kind_fact_id_channel_key DO NOTHING RETURNING id, order_id, version
   )
   SELECT append_event($6, 'notification-' || n.id, n.version, n.order_id, 'notification.queued', $7, $8, $9)::text
     FROM n`,
);

const CLAIM = prepared(
  'notifications.claim',
  `WITH found AS (SELECT status FROM notifications WHERE id = $1 FOR UPDATE)
   UPDATE notifications AS n
      SET status = 'sending', ambiguous_sends = n.ambiguous_sends + (found.status = 'sending')::int,
          version = n.version + 1, updated_at = now()
     FROM found
    WHERE n.id = $1 AND found.status IN ('queued', 'sending')
    RETURNING ${COLUMNS}, found.status = 'sending' AS "isAmbiguous"`,
);

const RELEASE = `UPDATE notifications SET status = 'queued', last_error = $3, version = version + 1, updated_at = now()
  WHERE id = $1 AND version = $2 AND status = 'sending'`;

const SETTLE = prepared(
  'notifications.settle',
  `WITH n AS (
     UPDATE notifications
        SET status = $3, provider_message_id = $4, last_error = $5, version = version + 1, updated_at = now()
      WHERE id = $1 AND version = $2 AND status = 'sending' RETURNING id, order_id, version
   )
   SELECT append_event($6, 'notification-' || n.id, n.version, n.order_id, $7, $8, $9, $10)::text AS recorded FROM n`,
);

const LIST = `SELECT ${COLUMNS} FROM notifications AS n
  WHERE n.user_id = $1 AND ($2::uuid IS NULL OR n.id < $2) ORDER BY n.id DESC LIMIT $3`;

/** How a send ended for good. */
export type Settlement =
  | { readonly status: 'sent'; readonly providerMessageId: string | null }
  | { readonly status: 'rejected'; readonly reason: string };

@Injectable()
export class NotificationsRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Makes the notification and has it sent, in one statement. Hearing of the same fact again changes nothing. */
  async queue(tx: Transaction, { kind, factId, userId, orderId }: Tidings): Promise<void> {
    const id = newId();
    const event = eventFacts('notification.queued', { notificationId: id });
    const facts = [event.id, event.payload, event.metadata, event.subscribers];
    await tx.query(QUEUE, [id, kind, factId, userId, orderId, ...facts]);
  }

  /** Commits that a call is about to be made; null when there is nothing left to send. */
  async claim(id: string): Promise<SendingClaim | null> {
    const row = await rowOf<Notification & { isAmbiguous: boolean }>(this.dataSource, CLAIM, [id]);
    if (!row) return null;
    const { isAmbiguous, ...notification } = row;
    return { notification, isAmbiguous };
  }

  /** Sets a claimed notification back to `queued`: it is certain that nothing was sent. */
  async release({ id, version }: Notification, reason: string): Promise<void> {
    await this.dataSource.query(RELEASE, [id, version, reason]);
  }

  /**
   * Records the end of a claimed notification, and its event.
   * @throws Error when another claim took it over
   */
  async settle(tx: Transaction, { id, version }: Notification, settlement: Settlement): Promise<void> {
    const isSent = settlement.status === 'sent';
    const event = eventFacts(isSent ? 'notification.sent' : 'notification.rejected', { notificationId: id });
    const settled = await rowOf(tx, SETTLE, [
      id,
      version,
      settlement.status,
      isSent ? settlement.providerMessageId : null,
      isSent ? null : settlement.reason,
      event.id,
      event.name,
      event.payload,
      event.metadata,
      event.subscribers,
    ]);
    if (!settled) throw new Error(`notification ${id} was taken over by another claim`);
  }

  /** Newest first, older than `after`. */
  listOf(userId: string, page: { limit: number; after?: string }): Promise<Notification[]> {
    return rowsOf<Notification>(this.dataSource, LIST, [userId, page.after ?? null, page.limit]);
  }
}
