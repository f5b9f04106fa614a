import { BATCH_TRANSACTIONS_MAX } from './ledger-sealing.service.js';
import { BEGINNING, type LedgerSealsRepository, type Seal, type Watermark } from './ledger-seals.repository.js';
import { GENESIS, HASH_BYTES, rowsOfBatch, type SealedRow, sealHash } from './seal.js';

export interface LedgerVerdict {
  /** Seals found to hold, and the rows under them. */
  readonly seals: number;
  readonly rows: number;
  /** Transactions no seal covers yet: of the last minute, usually. */
  readonly unsealed: number;
  /** The last seal that holds, to be compared with what the worker logged when it was made. */
  readonly head: { readonly number: number; readonly hash: string } | null;
  /** The first thing that is not as it was sealed, for people; null when everything is. */
  readonly finding: string | null;
}

/** Computes every seal anew from the rows that stand in the book now. Reads only; memory holds one batch. */
export async function verifyLedger(seals: LedgerSealsRepository): Promise<LedgerVerdict> {
  let last: Seal | null = null;
  let rows = 0;
  for (;;) {
    const seal = await seals.after(last?.number ?? 0);
    const finding = seal ? await findingUnder(seals, last, seal) : null;
    if (!seal || finding) {
      const unsealed = await seals.countAfter(last ?? BEGINNING);
      const head = last && { number: last.number, hash: last.hash.toString('hex') };
      return { seals: last?.number ?? 0, rows, unsealed, head, finding };
    }
    rows += seal.rowIds.length;
    last = seal;
  }
}

async function findingUnder(seals: LedgerSealsRepository, last: Seal | null, seal: Seal): Promise<string | null> {
  const broken = brokenChain(last, seal);
  if (broken) return broken;
  const from: Watermark = last ?? BEGINNING;
  // One more than a seal can cover, so that a row too many is seen.
  const batch = await seals.between(from, seal, BATCH_TRANSACTIONS_MAX + 1);
  return firstDifference(seal, rowsOfBatch(batch));
}

function brokenChain(last: Seal | null, { number, previousHash, hash, rowIds, rowHashes }: Seal): string | null {
  const expected = (last?.number ?? 0) + 1;
  if (number !== expected) return `seal ${expected} is missing`;
  if (!previousHash.equals(last?.hash ?? GENESIS)) return `seal ${number} does not follow seal ${number - 1}`;
  const isWhole = rowHashes.length === rowIds.length * HASH_BYTES && sealHash(previousHash, rowHashes).equals(hash);
  return isWhole ? null : `seal ${number} does not match its own rows`;
}

/** The first row, in the order of the seal, that is not as it was. */
function firstDifference({ number, rowIds, rowHashes }: Seal, rows: readonly SealedRow[]): string | null {
  const now = new Map(rows.map((row) => [row.id, row]));
  for (const [index, id] of rowIds.entries()) {
    const row = now.get(id);
    if (!row) return `row ${id} is gone from under seal ${number}`;
    const sealed = rowHashes.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES);
    if (!row.hash.equals(sealed)) return `${nameOf(row)} does not match seal ${number}`;
  }
  const known = new Set(rowIds);
  const added = rows.find(({ id }) => !known.has(id));
  return added ? `${nameOf(added)} was added under seal ${number}` : null;
}

function nameOf({ table, id, transactionId }: SealedRow): string {
  return table === 'transaction' ? `transaction ${id}` : `transaction ${transactionId} / entry ${id}`;
}
