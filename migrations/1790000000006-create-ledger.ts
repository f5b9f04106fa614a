import type { MigrationInterface, QueryRunner } from 'typeorm';
import { grantToApplication, makeAppendOnly } from './grants.js';

/** Double entry, append-only: the database itself refuses a transaction that does not balance when it commits. */
export class CreateLedger1790000000006 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE ledger_transactions (
        id uuid PRIMARY KEY,
        kind text NOT NULL,
        source_id uuid NOT NULL,
        occurred_at timestamptz NOT NULL DEFAULT now(),
        created_xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
        CONSTRAINT ledger_transactions_kind_source_id_key UNIQUE (kind, source_id),
        CONSTRAINT ledger_transactions_kind_is_known CHECK (kind IN
          ('capture', 'refund', 'refund_reversal', 'fee', 'dispute', 'dispute_reversal'))
      )`);
    await runner.query(`
      CREATE TABLE ledger_entries (
        id uuid PRIMARY KEY,
        transaction_id uuid NOT NULL REFERENCES ledger_transactions (id),
        account text NOT NULL,
        currency text NOT NULL,
        amount bigint NOT NULL,
        CONSTRAINT ledger_entries_amount_is_not_zero CHECK (amount <> 0),
        CONSTRAINT ledger_entries_currency_is_iso_4217 CHECK (currency ~ '^[A-Z]{3}$'),
        CONSTRAINT ledger_entries_account_is_known CHECK (account IN
          ('provider:stripe', 'bank', 'cash', 'revenue:orders', 'refunds', 'fees:stripe', 'disputes'))
      )`);
    await runner.query(`CREATE INDEX ledger_entries_transaction_id_idx ON ledger_entries (transaction_id)`);
    await runner.query(`CREATE INDEX ledger_entries_account_idx ON ledger_entries (account, id)`);
    await this.refuseUnbalanced(runner);
    await makeAppendOnly(runner, 'ledger_transactions');
    await makeAppendOnly(runner, 'ledger_entries');
    // Without INSERT on created_xid the application cannot pretend that an old transaction is its own.
    await grantToApplication(runner, 'ledger_transactions', 'SELECT, INSERT (id, kind, source_id, occurred_at)');
    await grantToApplication(runner, 'ledger_entries', 'SELECT, INSERT');
  }

  /** Both tables: a trigger on entries alone accepts an empty transaction, and a balanced pair added to an old one. */
  private async refuseUnbalanced(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE FUNCTION ledger_must_balance() RETURNS trigger LANGUAGE plpgsql AS $$
      DECLARE
        checked uuid;
        parent_xid xid8;
        entries integer;
        unbalanced integer;
      BEGIN
        IF TG_TABLE_NAME = 'ledger_transactions' THEN checked := NEW.id; ELSE checked := NEW.transaction_id; END IF;
        SELECT created_xid INTO parent_xid FROM ledger_transactions WHERE id = checked;
        IF parent_xid IS DISTINCT FROM pg_current_xact_id() THEN
          RAISE EXCEPTION 'ledger transaction % is closed', checked USING ERRCODE = 'check_violation';
        END IF;
        SELECT coalesce(sum(n), 0), count(*) FILTER (WHERE total <> 0) INTO entries, unbalanced
          FROM (SELECT count(*) AS n, sum(amount) AS total FROM ledger_entries
                 WHERE transaction_id = checked GROUP BY currency) AS per_currency;
        IF entries < 2 OR unbalanced > 0 THEN
          RAISE EXCEPTION 'ledger transaction % does not balance', checked USING ERRCODE = 'check_violation';
        END IF;
        RETURN NULL;
      END $$`);
    for (const table of ['ledger_transactions', 'ledger_entries']) {
      await runner.query(`CREATE CONSTRAINT TRIGGER ${table}_balance AFTER INSERT ON ${table}
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_must_balance()`);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE ledger_entries, ledger_transactions`);
    await runner.query(`DROP FUNCTION ledger_must_balance()`);
  }
}
