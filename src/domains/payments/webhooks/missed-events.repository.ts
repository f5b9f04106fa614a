import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Transaction } from '../../../contracts/transaction.js';
import { CONFIG, type Config } from '../../../platform/config/config.js';
import { rowOf, rowsOf } from '../../../platform/database/sql.js';

/** The right to read the provider's list of events once, and from where. Times are PostgreSQL's. */
export interface Turn {
  readonly seenTo: Date;
  readonly startedAt: Date;
}

const TAKE = `UPDATE webhook_cursors SET polled_at = now()
  WHERE provider = 'stripe' AND polled_at <= now() - $1 * interval '1 millisecond'
  RETURNING seen_to AS "seenTo", polled_at AS "startedAt"`;

const ADVANCE = `UPDATE webhook_cursors SET seen_to = greatest(seen_to, $1) WHERE provider = 'stripe'`;

const KNOWN = `SELECT event_id AS id FROM webhook_inbox WHERE provider = 'stripe' AND event_id = ANY ($1::text[])`;

@Injectable()
export class MissedEventsRepository {
  constructor(
    private readonly dataSource: DataSource,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Undefined while somebody has looked within the interval: whoever takes the turn first has it. */
  take(tx: Transaction): Promise<Turn | undefined> {
    return rowOf<Turn>(tx, TAKE, [this.config.WEBHOOK_POLL_MS]);
  }

  /** Everything until then is in the inbox. */
  async advance(tx: Transaction, seenTo: Date): Promise<void> {
    await tx.query(ADVANCE, [seenTo]);
  }

  /** Which of these events are in the inbox. */
  async known(eventIds: readonly string[]): Promise<ReadonlySet<string>> {
    const rows = await rowsOf<{ id: string }>(this.dataSource, KNOWN, [eventIds]);
    return new Set(rows.map(({ id }) => id));
  }
}
