import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { EventName, RecordedEvent, Subscriber } from '../../contracts/domain-events.js';
import type { Transaction } from '../../contracts/transaction.js';
import { CONFIG, type Config } from '../config/config.js';
import { rowOf, rowsOf } from '../database/sql.js';
import { prepared } from '../database/statements.js';

/** What travels through Bull: which delivery, and which attempt it was dispatched for. */
export interface DispatchedDelivery {
  readonly eventId: string;
  readonly subscriber: Subscriber;
  readonly attempts: number;
}

/** One consumer's right to work on a delivery. Everything it does names `attempts`, so that an old claimer frees nothing. */
export interface Claim {
  readonly event: RecordedEvent;
  readonly subscriber: Subscriber;
  readonly attempts: number;
  readonly deaths: number;
}

interface ClaimRow {
  id: string;
  name: EventName;
  payload: RecordedEvent['payload'];
  request_id: string | null;
  age_ms: string;
  attempts: number;
  deaths: number;
}

const TAKE_DUE = prepared(
  'deliveries.take_due',
  `UPDATE event_deliveries AS d SET available_at = now() + $2 * interval '1 millisecond'
     FROM (SELECT event_id, subscriber FROM event_deliveries
            WHERE available_at <= now() AND dead_at IS NULL AND (leased_until IS NULL OR leased_until < now())
            ORDER BY available_at LIMIT $1 FOR UPDATE SKIP LOCKED) AS due
    WHERE d.event_id = due.event_id AND d.subscriber = due.subscriber
    RETURNING d.event_id AS "eventId", d.subscriber, d.attempts`,
);

// An expired lease means that the consumer holding it died: an error would have cleared it.
const CLAIM = prepared(
  'deliveries.claim',
  `UPDATE event_deliveries AS d
      SET attempts = attempts + 1, deaths = deaths + (leased_until IS NOT NULL)::int,
          leased_until = now() + $3 * interval '1 millisecond'
     FROM events AS e
    WHERE d.event_id = $1 AND d.subscriber = $2 AND e.id = d.event_id AND d.dead_at IS NULL
      AND (d.leased_until IS NULL OR d.leased_until < now())
    RETURNING e.id, e.name, e.payload, e.metadata ->> 'requestId' AS request_id,
      round(extract(epoch FROM now() - e.occurred_at) * 1000)::bigint AS age_ms, d.attempts, d.deaths`,
);

const CLOSE = prepared(
  'deliveries.close',
  `DELETE FROM event_deliveries WHERE event_id = $1 AND subscriber = $2 AND attempts = $3 RETURNING 1 AS closed`,
);

const RENEW = `UPDATE event_deliveries SET leased_until = now() + $4 * interval '1 millisecond'
  WHERE event_id = $1 AND subscriber = $2 AND attempts = $3`;

const FAIL = `UPDATE event_deliveries SET last_error = $4, leased_until = NULL,
    available_at = now() + $5 * interval '1 millisecond', dead_at = CASE WHEN $6 THEN now() END
  WHERE event_id = $1 AND subscriber = $2 AND attempts = $3`;

const POSTPONE = `UPDATE event_deliveries SET attempts = attempts - 1, leased_until = NULL,
    available_at = now() + $4 * interval '1 millisecond'
  WHERE event_id = $1 AND subscriber = $2 AND attempts = $3`;

@Injectable()
export class DeliveriesRepository {
  constructor(
    private readonly dataSource: DataSource,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Takes up to one batch of due deliveries; what nobody closes is due again after DELIVERY_REDISPATCH_MS. */
  takeDue(): Promise<DispatchedDelivery[]> {
    const { DISPATCH_BATCH_MAX, DELIVERY_REDISPATCH_MS } = this.config;
    return rowsOf(this.dataSource, TAKE_DUE, [DISPATCH_BATCH_MAX, DELIVERY_REDISPATCH_MS]);
  }

  /** Null when the delivery is closed, parked or in somebody else's hands. */
  async claim({ eventId, subscriber }: DispatchedDelivery): Promise<Claim | null> {
    const row = await rowOf<ClaimRow>(this.dataSource, CLAIM, [eventId, subscriber, this.config.DELIVERY_LEASE_MS]);
    if (!row) return null;
    const { id, name, payload, request_id: requestId, attempts, deaths } = row;
    return { event: { id, name, payload, requestId, ageMs: Number(row.age_ms) }, subscriber, attempts, deaths };
  }

  /** Deletes the delivery before its effect happens; false when this claim does not hold it any more. */
  async close(tx: Transaction, { event, subscriber, attempts }: Claim): Promise<boolean> {
    return (await rowOf(tx, CLOSE, [event.id, subscriber, attempts])) !== undefined;
  }

  async renew({ event, subscriber, attempts }: Claim): Promise<void> {
    await this.dataSource.query(RENEW, [event.id, subscriber, attempts, this.config.DELIVERY_LEASE_MS]);
  }

  /** Clears the lease and backs off; `parked` keeps the delivery for an operator instead. */
  async fail(claim: Claim, failure: { reason: string; pauseMs: number; parked: boolean }): Promise<void> {
    const { event, subscriber, attempts } = claim;
    const { reason, pauseMs, parked } = failure;
    await this.dataSource.query(FAIL, [event.id, subscriber, attempts, reason.slice(0, 2_000), pauseMs, parked]);
  }

  /** Gives the claim back as if it had not been made; the delivery is due after the pause. */
  async postpone({ event, subscriber, attempts }: Claim, pauseMs: number): Promise<void> {
    await this.dataSource.query(POSTPONE, [event.id, subscriber, attempts, pauseMs]);
  }
}
