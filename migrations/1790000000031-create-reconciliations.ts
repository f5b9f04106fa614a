import type { MigrationInterface, QueryRunner } from 'typeorm';
import { grantToApplication } from './grants.js';

export class CreateReconciliations1790000000031 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE reconciliations (
        id uuid PRIMARY KEY,
        window_from timestamptz NOT NULL,
        window_to timestamptz NOT NULL,
        status text NOT NULL DEFAULT 'requested',
        requested_by uuid,
        compared jsonb NOT NULL DEFAULT '{}',
        counts jsonb NOT NULL DEFAULT '{}',
        requested_at timestamptz NOT NULL DEFAULT now(),
        started_at timestamptz,
        finished_at timestamptz,
        CONSTRAINT reconciliations_window_is_open CHECK (window_from < window_to),
        CONSTRAINT reconciliations_status_is_known CHECK (status IN ('requested', 'running', 'completed')),
        CONSTRAINT reconciliations_end_is_whole CHECK ((status = 'completed') = (finished_at IS NOT NULL))
      )`);
    // One row per mismatch, not per run: a second run finds it there and changes nothing.
    await runner.query(`
      CREATE TABLE reconciliation_findings (
        id uuid PRIMARY KEY,
        reconciliation_id uuid NOT NULL REFERENCES reconciliations (id),
        class text NOT NULL,
        subject text NOT NULL,
        payment_id uuid REFERENCES payments (id),
        resolution text NOT NULL,
        facts jsonb NOT NULL,
        found_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT reconciliation_findings_class_subject_key UNIQUE (class, subject),
        CONSTRAINT reconciliation_findings_class_is_known CHECK (class IN ('missing-row', 'missing-capture', 'amount',
          'currency', 'duplicate', 'orphan', 'late', 'dashboard-refund', 'refund-missing', 'refund-differs', 'missing-ledger')),
        CONSTRAINT reconciliation_findings_resolution_is_known CHECK (resolution IN ('healed', 'review', 'open'))
      )`);
    await runner.query(
      `CREATE INDEX reconciliation_findings_run_idx ON reconciliation_findings (reconciliation_id, id)`,
    );
    // What a run that is under way has read of the provider's lists, so that it holds one page in memory. Emptied at its end.
    await runner.query(`
      CREATE TABLE reconciliation_seen (
        reconciliation_id uuid NOT NULL REFERENCES reconciliations (id),
        object_id text NOT NULL,
        PRIMARY KEY (reconciliation_id, object_id)
      )`);
    await grantToApplication(runner, 'reconciliations', 'SELECT, INSERT, UPDATE');
    await grantToApplication(runner, 'reconciliation_findings', 'SELECT, INSERT, UPDATE');
    await grantToApplication(runner, 'reconciliation_seen', 'SELECT, INSERT, DELETE');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE reconciliation_seen, reconciliation_findings, reconciliations`);
  }
}
