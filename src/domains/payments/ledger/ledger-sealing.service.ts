import { Injectable } from '@nestjs/common';
import { Transactions } from '../../../platform/database/transactions.js';
import { Log } from '../../../platform/telemetry/log.js';
import { BEGINNING, LedgerSealsRepository, type Seal } from './ledger-seals.repository.js';
import { GENESIS, rowsOfBatch, sealHash } from './seal.js';

/** Transactions under one seal. A seal of so many is some 150 kB; the next turn takes the rest. */
export const BATCH_TRANSACTIONS_MAX = 1_000;

@Injectable()
export class LedgerSealingService {
  constructor(
    private readonly transactions: Transactions,
    private readonly seals: LedgerSealsRepository,
    private readonly log: Log,
  ) {}

  /**
   * Puts one batch of settled bookings under the next seal; true when it was full, so that there may be more. Several
   * workers may try at once: the seal's number decides who did it.
   */
  async sealNext(): Promise<boolean> {
    const sealed = await this.transactions.run(async (tx) => {
      const last = await this.seals.last(tx);
      const batch = await this.seals.settledAfter(tx, last ?? BEGINNING, BATCH_TRANSACTIONS_MAX);
      const newest = batch.at(-1);
      if (!newest) return null;
      const rows = rowsOfBatch(batch);
      const previousHash = last?.hash ?? GENESIS;
      const rowHashes = Buffer.concat(rows.map(({ hash }) => hash));
      const seal: Seal = {
        number: (last?.number ?? 0) + 1,
        previousHash,
        hash: sealHash(previousHash, rowHashes),
        lastXid: newest.createdXid,
        lastId: newest.id,
        rowIds: rows.map(({ id }) => id),
        rowHashes,
      };
      return (await this.seals.add(tx, seal)) ? { seal, isFull: batch.length === BATCH_TRANSACTIONS_MAX } : null;
    });
    if (!sealed) return false;
    const { number, hash, rowIds } = sealed.seal;
    // The log is kept elsewhere: whoever could write a new chain into the database could not write it there.
    this.log.info({ message: 'ledger sealed', seal: number, rows: rowIds.length, hash: hash.toString('hex') });
    return sealed.isFull;
  }
}
