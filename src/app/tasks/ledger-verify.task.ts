import { DataSource } from 'typeorm';
import { LedgerSealsRepository } from '../../domains/payments/ledger/ledger-seals.repository.js';
import { verifyLedger } from '../../domains/payments/ledger/ledger-verification.js';
import type { Config } from '../../platform/config/config.js';
import { dataSourceOptions } from '../../platform/database/data-source.js';

/** Says whether the book is as it was sealed. */
export async function verifySealedLedger(config: Config): Promise<{ lines: string[]; isSound: boolean }> {
  const source = await new DataSource(dataSourceOptions(config)).initialize();
  try {
    const { seals, rows, unsealed, head, finding } = await verifyLedger(new LedgerSealsRepository(source));
    const lines = [
      ...(head ? [`seal ${head.number} is ${head.hash}`] : []),
      `seals that hold: ${seals}, over rows: ${rows}; transactions not sealed yet: ${unsealed}`,
      finding ?? 'the ledger is as it was sealed',
    ];
    return { lines, isSound: finding === null };
  } finally {
    await source.destroy();
  }
}
