import type { MigrationInterface, QueryRunner } from 'typeorm';
import { grantToApplication, makeAppendOnly } from './grants.js';

/** A chain of hashes over batches of the book, so that a byte changed by whoever may change it is found and named. */
export class SealLedger1790000000020 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE ledger_seals (
        number bigint PRIMARY KEY,
        previous_hash bytea NOT NULL,
        hash bytea NOT NULL,
        last_xid xid8 NOT NULL,
        last_id uuid NOT NULL,
        row_ids uuid[] NOT NULL,
        row_hashes bytea NOT NULL,
        sealed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        CONSTRAINT ledger_seals_previous_hash_key UNIQUE (previous_hash),
        CONSTRAINT ledger_seals_number_is_positive CHECK (number > 0),
        CONSTRAINT ledger_seals_hashes_are_sha256 CHECK (octet_length(previous_hash) = 32 AND octet_length(hash) = 32),
        CONSTRAINT ledger_seals_hash_every_row CHECK
          (cardinality(row_ids) > 0 AND octet_length(row_hashes) = 32 * cardinality(row_ids))
      )`);
    // The order in which seals take transactions: by who wrote them, which no late commit can come before.
    await runner.query(`CREATE INDEX ledger_transactions_created_xid_idx ON ledger_transactions (created_xid, id)`);
    await makeAppendOnly(runner, 'ledger_seals');
    await grantToApplication(
      runner,
      'ledger_seals',
      'SELECT, INSERT (number, previous_hash, hash, last_xid, last_id, row_ids, row_hashes)',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX ledger_transactions_created_xid_idx`);
    await runner.query(`DROP TABLE ledger_seals`);
  }
}
