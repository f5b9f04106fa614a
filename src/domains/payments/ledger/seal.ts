import { createHash } from 'node:crypto';

/** A ledger transaction with its entries as the hash sees it: everything as the text PostgreSQL writes. */
export interface SealableTransaction {
  readonly id: string;
  readonly kind: string;
  readonly sourceId: string;
  /** UTC with microseconds: `2026-11-25T10:00:00.000000Z`. */
  readonly occurredAt: string;
  readonly createdXid: string;
  /** By id: id, transaction id, account, currency, amount. Null where there is none. */
  readonly entries: readonly (readonly string[])[] | null;
}

/** One row of the book under a seal. */
export interface SealedRow {
  readonly id: string;
  readonly transactionId: string;
  readonly table: 'transaction' | 'entry';
  readonly hash: Buffer;
}

export const HASH_BYTES = 32;

/** What the first seal follows. */
export const GENESIS = Buffer.alloc(HASH_BYTES);

/**
 * The rows of a batch in their order: each transaction before its entries. A row's hash is SHA-256 over a JSON array of
 * texts without spaces, the table's name first (`["entry",id,transaction_id,account,currency,amount]`), in UTF-8.
 */
export function rowsOfBatch(batch: readonly SealableTransaction[]): SealedRow[] {
  return batch.flatMap(({ id, kind, sourceId, occurredAt, createdXid, entries }) => [
    rowOf('transaction', id, [id, kind, sourceId, occurredAt, createdXid]),
    ...(entries ?? []).map((entry) => rowOf('entry', id, entry)),
  ]);
}

function rowOf(table: SealedRow['table'], transactionId: string, columns: readonly string[]): SealedRow {
  const hash = createHash('sha256')
    .update(JSON.stringify([table, ...columns]))
    .digest();
  return { id: columns[0] ?? '', transactionId, table, hash };
}

/** SHA-256 over the hash before and the hashes of the rows, one after the other. */
export function sealHash(previous: Buffer, rowHashes: Buffer): Buffer {
  return createHash('sha256').update(previous).update(rowHashes).digest();
}
