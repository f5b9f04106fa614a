import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { EventName, Subscriber } from '../../contracts/domain-events.js';
import type { Transaction } from '../../contracts/transaction.js';
import { rowOf, rowsOf } from '../database/sql.js';
import { DeliveryNotFound, DeliveryNotParked } from './deliveries.errors.js';

/** Work that nothing tries again by itself. */
export interface ParkedDelivery {
  readonly eventId: string;
  readonly subscriber: Subscriber;
  readonly event: EventName;
  readonly orderId: string | null;
  readonly attempts: number;
  readonly deaths: number;
  readonly lastError: string | null;
  readonly occurredAt: Date;
  readonly deadAt: Date;
}

/** Names one delivery. */
export type DeliveryKey = Pick<ParkedDelivery, 'eventId' | 'subscriber'>;

// Ordered by what never changes, so that a page goes on where the last one ended, whatever was replayed meanwhile.
const LIST = `SELECT d.event_id AS "eventId", d.subscriber, e.name AS event, e.order_id AS "orderId", d.attempts, d.deaths,
    d.last_error AS "lastError", e.occurred_at AS "occurredAt", d.dead_at AS "deadAt"
  FROM event_deliveries AS d JOIN events AS e ON e.id = d.event_id
  WHERE d.dead_at IS NOT NULL AND ($1::uuid IS NULL OR (d.event_id, d.subscriber) < ($1, $2))
  ORDER BY d.event_id DESC, d.subscriber DESC LIMIT $3`;

const REPLAY = `WITH replayed AS (
    UPDATE event_deliveries
       SET attempts = 0, deaths = 0, dead_at = NULL, leased_until = NULL, available_at = now()
     WHERE event_id = $1 AND subscriber = $2 AND dead_at IS NOT NULL RETURNING 1
  )
  SELECT EXISTS (SELECT FROM replayed) AS "isReplayed" FROM event_deliveries WHERE event_id = $1 AND subscriber = $2`;

@Injectable()
export class ParkedDeliveriesRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Newest event first, behind `after`. */
  list({ after, limit }: { after?: DeliveryKey; limit: number }): Promise<ParkedDelivery[]> {
    return rowsOf(this.dataSource, LIST, [after?.eventId ?? null, after?.subscriber ?? null, limit]);
  }

  /**
   * Makes a parked delivery due now, as if it had never been tried; its last error stays readable until the next one.
   * Attempts count anew, so its handler hears "attempt 1": that is how the mailer knows that a person decided.
   * @throws DeliveryNotFound when there is none (closed deliveries are gone), DeliveryNotParked
   */
  async replay(tx: Transaction, { eventId, subscriber }: DeliveryKey): Promise<void> {
    const row = await rowOf<{ isReplayed: boolean }>(tx, REPLAY, [eventId, subscriber]);
    if (!row) throw new DeliveryNotFound(eventId, subscriber);
    if (!row.isReplayed) throw new DeliveryNotParked(eventId, subscriber);
  }
}
