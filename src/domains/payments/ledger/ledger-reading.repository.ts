import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { firstIdAt, rowsOf } from '../../../platform/database/sql.js';
import type { LedgerAccount, LedgerKind } from './ledger-book.js';

/** From `from` on and before `to`; null is open. */
export interface Period {
  readonly from: Date | null;
  readonly to: Date | null;
}

/** Minor units of `currency`. `balance` is debit less credit. */
export interface AccountBalance {
  readonly account: LedgerAccount;
  readonly currency: string;
  readonly debit: number;
  readonly credit: number;
  readonly balance: number;
}

export interface LedgerEntry {
  readonly id: string;
  readonly transactionId: string;
  readonly kind: LedgerKind;
  readonly sourceId: string;
  readonly currency: string;
  readonly amount: number;
  readonly occurredAt: Date;
}

// The ids only narrow the search, with an hour for clocks that differ; the booking's own time decides.
const IN_PERIOD = `($1::timestamptz IS NULL OR (t.occurred_at >= $1
      AND e.id >= ${firstIdAt(`greatest($1::timestamptz - interval '1 hour', 'epoch')`)}))
   AND ($2::timestamptz IS NULL OR (t.occurred_at < $2
      AND e.id < ${firstIdAt(`greatest($2::timestamptz + interval '1 hour', 'epoch')`)}))`;

const BALANCES = `SELECT e.account, e.currency,
    coalesce(sum(e.amount) FILTER (WHERE e.amount > 0), 0)::bigint AS debit,
    coalesce(-sum(e.amount) FILTER (WHERE e.amount < 0), 0)::bigint AS credit,
    sum(e.amount)::bigint AS balance
  FROM ledger_entries AS e JOIN ledger_transactions AS t ON t.id = e.transaction_id
 WHERE ${IN_PERIOD} GROUP BY e.account, e.currency ORDER BY e.account, e.currency`;

const ENTRIES = `SELECT e.id, e.transaction_id AS "transactionId", t.kind, t.source_id AS "sourceId", e.currency, e.amount,
    t.occurred_at AS "occurredAt"
  FROM ledger_entries AS e JOIN ledger_transactions AS t ON t.id = e.transaction_id
 WHERE ${IN_PERIOD} AND e.account = $3 AND ($4::uuid IS NULL OR e.id < $4) ORDER BY e.id DESC LIMIT $5`;

@Injectable()
export class LedgerReadingRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Counts the entries themselves, and grows with them: a period bounds it. */
  balances({ from, to }: Period): Promise<AccountBalance[]> {
    return rowsOf(this.dataSource, BALANCES, [from, to]);
  }

  /** Newest first, older than `after`. */
  entriesOf(
    account: LedgerAccount,
    { from, to, after, limit }: Period & { after?: string; limit: number },
  ): Promise<LedgerEntry[]> {
    return rowsOf(this.dataSource, ENTRIES, [from, to, account, after ?? null, limit]);
  }
}
