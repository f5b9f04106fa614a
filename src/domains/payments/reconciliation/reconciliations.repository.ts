import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Transaction } from '../../../contracts/transaction.js';
import { rowOf, rowsOf } from '../../../platform/database/sql.js';
import { newId } from '../../../shared/ids.js';
import type { MismatchClass } from './comparison/mismatch.js';
import type { Resolution } from './findings.repository.js';
import { ReconciliationNotFound } from './reconciliation.errors.js';
import type { Window } from './stripe-lists.js';

export type Counts = Partial<Record<MismatchClass, Partial<Record<Resolution | 'known', number>>>>;
export type Compared = Partial<Record<'payments' | 'charges' | 'refunds', number>>;

export interface Reconciliation extends Window {
  readonly id: string;
  readonly status: 'requested' | 'running' | 'completed';
  /** The admin; null when the clock asked. */
  readonly requestedBy: string | null;
  /** How many objects of the provider were looked at. */
  readonly compared: Compared;
  readonly counts: Counts;
  readonly requestedAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
}

const COLUMNS = `id, window_from AS "from", window_to AS "to", status, requested_by AS "requestedBy", compared, counts,
  requested_at AS "requestedAt", started_at AS "startedAt", finished_at AS "finishedAt"`;

const REQUEST = `INSERT INTO reconciliations (id, window_from, window_to, requested_by) VALUES ($1, $2, $3, $4)
  RETURNING ${COLUMNS}`;

const SELECT = `SELECT ${COLUMNS} FROM reconciliations WHERE id = $1`;

const LIST = `SELECT ${COLUMNS} FROM reconciliations WHERE ($1::uuid IS NULL OR id < $1) ORDER BY id DESC LIMIT $2`;

const BEGIN = `UPDATE reconciliations SET status = 'running', started_at = coalesce(started_at, now())
  WHERE id = $1 AND status <> 'completed' RETURNING ${COLUMNS}`;

const COMPLETE = `UPDATE reconciliations SET status = 'completed', compared = $2, counts = $3, finished_at = now()
  WHERE id = $1`;

const SEE = `INSERT INTO reconciliation_seen (reconciliation_id, object_id) SELECT $1, unnest($2::text[])
  ON CONFLICT DO NOTHING`;

const SEEN = `SELECT object_id AS id FROM reconciliation_seen WHERE reconciliation_id = $1 AND object_id = ANY ($2::text[])`;

const FORGET = `WITH gone AS (
    DELETE FROM reconciliation_seen WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM reconciliation_seen WHERE reconciliation_id = $1 LIMIT 10000)) RETURNING 1)
  SELECT count(*)::integer AS count FROM gone`;

@Injectable()
export class ReconciliationsRepository {
  constructor(private readonly dataSource: DataSource) {}

  async request(tx: Transaction, { from, to }: Window, requestedBy: string | null): Promise<Reconciliation> {
    const id = newId();
    return (await rowOf<Reconciliation>(tx, REQUEST, [id, from, to, requestedBy])) ?? missing(id);
  }

  async get(id: string): Promise<Reconciliation> {
    return (await rowOf<Reconciliation>(this.dataSource, SELECT, [id])) ?? missing(id);
  }

  /** Newest first, behind `after`. */
  list({ after, limit }: { after?: string; limit: number }): Promise<Reconciliation[]> {
    return rowsOf(this.dataSource, LIST, [after ?? null, limit]);
  }

  /** Also for one that was begun before and did not come to its end; undefined when it did. */
  begin(tx: Transaction, id: string): Promise<Reconciliation | undefined> {
    return rowOf<Reconciliation>(tx, BEGIN, [id]);
  }

  async complete(tx: Transaction, id: string, result: { compared: Compared; counts: Counts }): Promise<void> {
    await tx.query(COMPLETE, [id, result.compared, result.counts]);
  }

  /** Notes which objects of the provider's lists this run has had before it. */
  async see(tx: Transaction, id: string, objectIds: readonly string[]): Promise<void> {
    await tx.query(SEE, [id, objectIds]);
  }

  async seen(id: string, objectIds: readonly string[]): Promise<ReadonlySet<string>> {
    const rows = await rowsOf<{ id: string }>(this.dataSource, SEEN, [id, objectIds]);
    return new Set(rows.map((row) => row.id));
  }

  /** Forgets a batch of them; false when none is left. */
  async forget(tx: Transaction, id: string): Promise<boolean> {
    const gone = await rowOf<{ count: number }>(tx, FORGET, [id]);
    return (gone?.count ?? 0) > 0;
  }
}

function missing(id: string): never {
  throw new ReconciliationNotFound(id);
}
