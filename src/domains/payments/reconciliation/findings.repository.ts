import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Transaction } from '../../../contracts/transaction.js';
import { rowOf, rowsOf } from '../../../platform/database/sql.js';
import { newId } from '../../../shared/ids.js';
import type { Mismatch, MismatchClass } from './comparison/mismatch.js';

/** `healed`: settled in this run. `review`: an operator has the payment before them. `open`: there is no payment. */
export const RESOLUTIONS = ['healed', 'review', 'open'] as const;
export type Resolution = (typeof RESOLUTIONS)[number];

export interface Finding {
  readonly id: string;
  readonly class: MismatchClass;
  readonly subject: string;
  readonly paymentId: string | null;
  readonly resolution: Resolution;
  readonly facts: object;
  readonly foundAt: Date;
}

// A finding that was healed and is there again is news; any other is known, and its row stays as it is.
const RECORD = `INSERT INTO reconciliation_findings AS f (id, reconciliation_id, class, subject, payment_id, resolution, facts)
  VALUES ($1, $2, $3, $4, $5, $6, $7)
  ON CONFLICT (class, subject) DO UPDATE SET reconciliation_id = excluded.reconciliation_id, found_at = now(),
      payment_id = excluded.payment_id, resolution = excluded.resolution, facts = excluded.facts
    WHERE f.resolution = 'healed' AND f.reconciliation_id <> excluded.reconciliation_id
  RETURNING id`;

const LIST = `SELECT id, class, subject, payment_id AS "paymentId", resolution, facts, found_at AS "foundAt"
  FROM reconciliation_findings WHERE reconciliation_id = $1 AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT $3`;

const COUNT = `SELECT class, resolution, count(*)::integer AS count FROM reconciliation_findings
  WHERE reconciliation_id = $1 GROUP BY class, resolution`;

const OWNER = `SELECT reconciliation_id AS "runId" FROM reconciliation_findings WHERE class = $1 AND subject = $2`;

@Injectable()
export class FindingsRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** False when the same is known already. */
  async record(
    tx: Transaction,
    runId: string,
    { mismatch, resolution, facts }: { mismatch: Mismatch; resolution: Resolution; facts: object },
  ): Promise<boolean> {
    const values = [newId(), runId, mismatch.class, mismatch.subject, mismatch.paymentId, resolution, facts];
    return (await rowOf(tx, RECORD, values)) !== undefined;
  }

  /** Which run a mismatch was found in first. */
  async runOf(tx: Transaction, mismatch: Mismatch): Promise<string | undefined> {
    return (await rowOf<{ runId: string }>(tx, OWNER, [mismatch.class, mismatch.subject]))?.runId;
  }

  /** What a run found first, oldest first, behind `after`. */
  list(runId: string, { after, limit }: { after?: string; limit: number }): Promise<Finding[]> {
    return rowsOf(this.dataSource, LIST, [runId, after ?? null, limit]);
  }

  count(runId: string): Promise<{ class: MismatchClass; resolution: Resolution; count: number }[]> {
    return rowsOf(this.dataSource, COUNT, [runId]);
  }
}
