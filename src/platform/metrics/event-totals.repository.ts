import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { EventName } from '../../contracts/domain-events.js';
import { CONFIG, type Config } from '../config/config.js';
import { firstIdAt, rowOf, rowsOf } from '../database/sql.js';
import { prepared } from '../database/statements.js';

/** How often an event has happened, and what it was about in minor units of its currency; `''` where it has none. */
export interface EventTotal {
  readonly name: EventName;
  readonly currency: string;
  readonly events: number;
  readonly amount: number;
}

/** The events whose totals somebody wants to see. One more begins to be counted where the cursor stands. */
const COUNTED: readonly EventName[] = [
  'user.registered',
  'order.placed',
  'order.completed',
  'payment.succeeded',
  'payment.late-succeeded',
];

const ADD_UP_MAX = 50_000;

/** Totals of the events whose ids are in a range. */
function totalsOf(names: string, range: string): string {
  return `SELECT e.name, coalesce(e.payload ->> 'currency', '') AS currency, count(*) AS events,
      coalesce(sum((coalesce(e.payload ->> 'capturedAmount', e.payload ->> 'amount', '0'))::bigint), 0)::bigint AS amount
    FROM events AS e WHERE e.name = ANY (${names}) AND ${range} GROUP BY 1, 2`;
}

const ADD_UP = prepared(
  'event_totals.add_up',
  `WITH settled AS (SELECT ${firstIdAt(`(now() - $3 * interval '1 millisecond')`)} AS id),
   span AS (
     SELECT c.counted_to AS low, settled.id AS settled,
            coalesce((SELECT e.id FROM events AS e WHERE e.id >= c.counted_to AND e.id < settled.id
                       ORDER BY e.id OFFSET $2 LIMIT 1), greatest(c.counted_to, settled.id)) AS high
       FROM event_totals_cursor AS c, settled FOR UPDATE OF c SKIP LOCKED),
   moved AS (
     UPDATE event_totals_cursor SET counted_to = span.high FROM span WHERE span.high > span.low),
   added AS (
     INSERT INTO event_totals (name, currency, events, amount)
       SELECT t.* FROM span, LATERAL (${totalsOf('$1', 'e.id >= span.low AND e.id < span.high')}) AS t
     ON CONFLICT (name, currency) DO UPDATE
       SET events = event_totals.events + excluded.events, amount = event_totals.amount + excluded.amount)
   SELECT high < settled AS "isMore" FROM span`,
);

// One statement, so one snapshot: an event is below the cursor or above it, and counted once.
const READ = `SELECT name, currency, sum(events)::bigint AS events, sum(amount)::bigint AS amount FROM (
    SELECT name, currency, events, amount FROM event_totals
    UNION ALL
    ${totalsOf('$1', 'e.id >= (SELECT counted_to FROM event_totals_cursor)')}) AS t
  GROUP BY 1, 2 ORDER BY 1, 2`;

/**
 * Exact totals that survive every restart and never count ten million rows: what is settled is added up once, and only
 * the newest events are counted when somebody asks. An event is settled when no transaction can still commit one with a
 * lower id: METRICS_SETTLE_MS covers the longest transaction and clocks that differ.
 */
@Injectable()
export class EventTotalsRepository {
  constructor(
    private readonly dataSource: DataSource,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Adds up one batch of settled events, in one statement; true when there is more. Nothing while another worker does. */
  async addUp(): Promise<boolean> {
    const row = await rowOf<{ isMore: boolean }>(this.dataSource, ADD_UP, [
      COUNTED,
      ADD_UP_MAX,
      this.config.METRICS_SETTLE_MS,
    ]);
    return row?.isMore ?? false;
  }

  read(): Promise<EventTotal[]> {
    return rowsOf(this.dataSource, READ, [COUNTED]);
  }
}
