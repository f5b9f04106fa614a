import { DataSource } from 'typeorm';
import { LedgerReadingRepository } from '../../src/domains/payments/ledger/ledger-reading.repository.js';
import { LedgerRepository } from '../../src/domains/payments/ledger/ledger.repository.js';
import { type Booking, transfer } from '../../src/domains/payments/ledger/ledger-book.js';
import type { Config } from '../../src/platform/config/config.js';
import { testConfig } from '../support/config.js';
import { dataSourceOptions } from '../../src/platform/database/data-source.js';
import { Transactions } from '../../src/platform/database/transactions.js';
import { newId } from '../../src/shared/ids.js';
import { Money } from '../../src/shared/money.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

/** The book on a database of its own, put together as the application does. */
export class LedgerDesk {
  readonly ledger = new LedgerRepository();
  readonly reading: LedgerReadingRepository;
  readonly transactions: Transactions;

  private constructor(
    readonly db: TestDatabase,
    readonly config: Config,
    readonly dataSource: DataSource,
  ) {
    this.reading = new LedgerReadingRepository(dataSource);
    this.transactions = new Transactions(dataSource);
  }

  static async open(): Promise<LedgerDesk> {
    const db = await createTestDatabase();
    const { databaseUrl, migratorUrl } = db;
    const urls = { DATABASE_URL: databaseUrl, DATABASE_MIGRATOR_URL: migratorUrl, REDIS_URL: 'redis://127.0.0.1:6379' };
    const config = testConfig({ APP_ENV: 'test', LOG_LEVEL: 'CRITICAL', ...urls });
    return new LedgerDesk(db, config, await new DataSource(dataSourceOptions(config)).initialize());
  }

  async close(): Promise<void> {
    await this.dataSource.destroy();
    await this.db.drop();
  }

  /** Books in a transaction of its own. */
  book(booking: Partial<Booking> = {}): Promise<boolean> {
    return this.transactions.run((tx) => this.ledger.book(tx, aBooking(booking)));
  }
}

/** A capture of 49.00 USD, unless told otherwise. */
export function aBooking(booking: Partial<Booking> = {}): Booking {
  const entries = transfer(Money.of(4_900, 'USD'), { debit: 'provider:stripe', credit: 'revenue:orders' });
  return { kind: 'capture', sourceId: newId(), entries, ...booking };
}
