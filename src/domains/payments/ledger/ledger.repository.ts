import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../../contracts/transaction.js';
import { rowOf } from '../../../platform/database/sql.js';
import { prepared } from '../../../platform/database/statements.js';
import { newId } from '../../../shared/ids.js';
import type { Booking } from './ledger-book.js';

const BOOK = prepared(
  'ledger.book',
  `WITH booked AS (
     INSERT INTO ledger_transactions (id, kind, source_id) VALUES ($1, $2, $3)
     ON CONFLICT (kind, source_id) DO NOTHING RETURNING id
   ), entries AS (
     INSERT INTO ledger_entries (id, transaction_id, account, currency, amount)
     SELECT entry.id, booked.id, entry.account, entry.currency, entry.amount
       FROM booked, unnest($4::uuid[], $5::text[], $6::text[], $7::bigint[]) AS entry (id, account, currency, amount)
   )
   SELECT id FROM booked`,
);

/** Writes the book. Captures are booked by the statement that moves their payment (`payments.sql.ts`), everything else here. */
@Injectable()
export class LedgerRepository {
  /**
   * Books once per kind and source; false when that was done before. What does not add up to zero per currency is
   * refused when `tx` commits (23514).
   */
  async book(tx: Transaction, { kind, sourceId, entries }: Booking): Promise<boolean> {
    const booked = await rowOf(tx, BOOK, [
      newId(),
      kind,
      sourceId,
      entries.map(() => newId()),
      entries.map(({ account }) => account),
      entries.map(({ money }) => money.currency),
      entries.map(({ money }) => money.amount),
    ]);
    return booked !== undefined;
  }
}
