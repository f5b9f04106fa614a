import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Transaction } from '../../contracts/transaction.js';
import { postgresCode } from './postgres-errors.js';
import { PreparingClient } from './preparing-client.js';
import { rowOf } from './sql.js';

const ATTEMPTS_MAX = 4;
const FIRST_PAUSE_MS = 20;
const SERIALIZATION_FAILURE = '40001';
const DEADLOCK_DETECTED = '40P01';

@Injectable()
export class Transactions {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Commits everything `work` does, or nothing. PostgreSQL may ask us to start over (40001, 40P01), so `work` can run
   * up to four times: it must touch the database and nothing else. An unknown COMMIT result is never retried here.
   */
  async run<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.dataSource.transaction((manager) => work(manager as Transaction));
      } catch (error) {
        if (attempt === ATTEMPTS_MAX || !asksToStartOver(error)) throw error;
        await pause(FIRST_PAUSE_MS * 2 ** (attempt - 1) * (0.5 + Math.random()));
      }
    }
  }
}

/**
 * The row of a transaction's last statement. COMMIT goes to PostgreSQL behind it at once, and runs if it succeeds; nothing
 * may follow on `tx`.
 */
export async function lastRowOf<Row>(tx: Transaction, sql: string, parameters: unknown[]): Promise<Row | undefined> {
  const client: unknown = await tx.queryRunner?.connect();
  if (client instanceof PreparingClient) client.commitWithNext();
  return rowOf(tx, sql, parameters);
}

function asksToStartOver(error: unknown): boolean {
  const code = postgresCode(error);
  return code === SERIALIZATION_FAILURE || code === DEADLOCK_DETECTED;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
