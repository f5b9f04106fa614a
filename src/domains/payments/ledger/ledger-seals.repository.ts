import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Transaction } from '../../../contracts/transaction.js';
import { rowOf, rowsOf } from '../../../platform/database/sql.js';
import type { SealableTransaction } from './seal.js';

/** The last row under a seal; the next one begins behind it. */
export interface Watermark {
  readonly lastXid: string;
  readonly lastId: string;
}

export interface Seal extends Watermark {
  readonly number: number;
  readonly previousHash: Buffer;
  readonly hash: Buffer;
  /** The sealed rows, and their hashes one after the other: so that a changed row can be named. */
  readonly rowIds: readonly string[];
  readonly rowHashes: Buffer;
}

/** Before the first seal. No transaction has the id 0. */
export const BEGINNING: Watermark = { lastXid: '0', lastId: '00000000-0000-0000-0000-000000000000' };

const SEALABLE = `SELECT t.id, t.kind, t.source_id AS "sourceId", t.created_xid::text AS "createdXid",
    to_char(t.occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS "occurredAt",
    (SELECT json_agg(json_build_array(e.id, e.transaction_id, e.account, e.currency, e.amount::text) ORDER BY e.id)
       FROM ledger_entries AS e WHERE e.transaction_id = t.id) AS entries
  FROM ledger_transactions AS t WHERE (t.created_xid, t.id) > ($1::xid8, $2::uuid)`;

const IN_ORDER = `ORDER BY t.created_xid, t.id`;

/**
 * Whoever could still write a row before these has ended: a snapshot's xmin is the oldest transaction still running,
 * and everything below it is committed and seen, or gone.
 */
const SETTLED = `${SEALABLE} AND t.created_xid < pg_snapshot_xmin(pg_current_snapshot()) ${IN_ORDER} LIMIT $3`;

const UNDER = `${SEALABLE} AND (t.created_xid, t.id) <= ($3::xid8, $4::uuid) ${IN_ORDER} LIMIT $5`;

const COLUMNS = `number, previous_hash AS "previousHash", hash, last_xid::text AS "lastXid", last_id AS "lastId"`;
const LAST = `SELECT ${COLUMNS} FROM ledger_seals ORDER BY number DESC LIMIT 1`;
const NEXT = `SELECT ${COLUMNS}, row_ids AS "rowIds", row_hashes AS "rowHashes" FROM ledger_seals
  WHERE number > $1 ORDER BY number LIMIT 1`;

const ADD = `INSERT INTO ledger_seals (number, previous_hash, hash, last_xid, last_id, row_ids, row_hashes)
  VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING number`;

const UNSEALED = `SELECT count(*) AS count FROM ledger_transactions AS t
  WHERE (t.created_xid, t.id) > ($1::xid8, $2::uuid)`;

@Injectable()
export class LedgerSealsRepository {
  constructor(private readonly dataSource: DataSource) {}

  async last(tx: Transaction): Promise<Omit<Seal, 'rowIds' | 'rowHashes'> | undefined> {
    return rowOf(tx, LAST);
  }

  /** Committed transactions behind the watermark that nothing can come before any more. */
  settledAfter(tx: Transaction, { lastXid, lastId }: Watermark, limit: number): Promise<SealableTransaction[]> {
    return rowsOf(tx, SETTLED, [lastXid, lastId, limit]);
  }

  /** False when another worker was first: the number and the hash before it are taken once each. */
  async add(
    tx: Transaction,
    { number, previousHash, hash, lastXid, lastId, rowIds, rowHashes }: Seal,
  ): Promise<boolean> {
    return (await rowOf(tx, ADD, [number, previousHash, hash, lastXid, lastId, rowIds, rowHashes])) !== undefined;
  }

  /** The first seal with a higher number. */
  async after(number: number): Promise<Seal | undefined> {
    return rowOf(this.dataSource, NEXT, [number]);
  }

  /** What stands between two watermarks now, `limit` transactions of it at most. */
  between(from: Watermark, to: Watermark, limit: number): Promise<SealableTransaction[]> {
    return rowsOf(this.dataSource, UNDER, [from.lastXid, from.lastId, to.lastXid, to.lastId, limit]);
  }

  /** How many transactions are behind the watermark, whether they are settled or not. */
  async countAfter({ lastXid, lastId }: Watermark): Promise<number> {
    return (await rowOf<{ count: number }>(this.dataSource, UNSEALED, [lastXid, lastId]))?.count ?? 0;
  }
}
