import type { MigrationInterface, QueryRunner } from 'typeorm';
import { grantToApplication } from './grants.js';

/** Work by the clock: which slot was claimed, what may be forgotten when, and totals that need not be counted anew. */
export class CreateScheduledWork1790000000008 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE schedule_runs (
        job text NOT NULL,
        slot timestamptz NOT NULL,
        started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        finished_at timestamptz,
        outcome text,
        PRIMARY KEY (job, slot),
        CONSTRAINT schedule_runs_end_is_whole CHECK ((finished_at IS NULL) = (outcome IS NULL))
      )`);
    await grantToApplication(runner, 'schedule_runs', 'SELECT, INSERT, UPDATE, DELETE');
    await this.createRetention(runner);
    await this.letProviderCallsGo(runner);
    await this.createTotals(runner);
  }

  private async createRetention(runner: QueryRunner): Promise<void> {
    // Whatever somebody still waits for. Keys and evidence of these are kept, however old they are.
    await runner.query(`
      CREATE VIEW live_resources AS
        SELECT id FROM orders WHERE status = 'pending'
        UNION ALL
        SELECT id FROM payments WHERE status IN
          ('submitting', 'unknown', 'requires_action', 'authorized', 'awaiting_confirmation', 'needs_review')
        UNION ALL
        SELECT id FROM refunds WHERE status IN ('requested', 'submitting', 'unknown', 'pending')`);
    await grantToApplication(runner, 'live_resources', 'SELECT');
    await grantToApplication(runner, 'webhook_inbox', 'DELETE');
    // These tables grow in the order of these columns: a block range index finds the old end and costs an insert nothing.
    for (const [table, column] of [
      ['idempotency_keys', 'expires_at'],
      ['webhook_inbox', 'received_at'],
      ['provider_calls', 'started_at'],
    ]) {
      await runner.query(`CREATE INDEX ${table}_${column}_brin ON ${table} USING brin (${column})
        WITH (pages_per_range = 32, autosummarize = on)`);
    }
  }

  /**
   * Evidence stays append-only: the application has no DELETE, and the trigger stops the owner too. This one function
   * of the owner's is the way out. It sets, for its own duration, the word the trigger's condition knows, and it decides
   * for itself what may go, whoever calls it: nothing younger than 30 days, nothing of a live payment or refund, and
   * nothing an open review rests on. (Partitions by month would be dropped sooner, but take the live ones with them.)
   */
  private async letProviderCallsGo(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TRIGGER provider_calls_append_only ON provider_calls`);
    await runner.query(`CREATE TRIGGER provider_calls_append_only BEFORE UPDATE OR TRUNCATE ON provider_calls
      FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()`);
    await runner.query(`CREATE TRIGGER provider_calls_kept BEFORE DELETE ON provider_calls FOR EACH STATEMENT
      WHEN (current_setting('purser.forgetting', true) IS DISTINCT FROM 'provider_calls')
      EXECUTE FUNCTION refuse_change()`);
    await runner.query(`
      CREATE FUNCTION forget_provider_calls(before timestamptz, at_most integer) RETURNS integer
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
        DECLARE gone integer;
        BEGIN
          PERFORM set_config('purser.forgetting', 'provider_calls', true);
          DELETE FROM provider_calls WHERE id IN (
            SELECT c.id FROM provider_calls AS c
             WHERE c.started_at < least(before, now() - interval '30 days')
               AND NOT EXISTS (SELECT FROM live_resources AS l WHERE l.id = c.owner_id)
               AND NOT EXISTS (SELECT FROM reviews AS r WHERE r.payment_id = c.owner_id AND r.resolved_at IS NULL)
             LIMIT at_most);
          GET DIAGNOSTICS gone = ROW_COUNT;
          PERFORM set_config('purser.forgetting', '', true);
          RETURN gone;
        END
      $$`);
    await runner.query(`REVOKE ALL ON FUNCTION forget_provider_calls(timestamptz, integer) FROM PUBLIC`);
    await grantToApplication(runner, 'FUNCTION forget_provider_calls(timestamptz, integer)', 'EXECUTE');
  }

  /** Events below the cursor are in the totals, each once; those from it on are counted when somebody asks. */
  private async createTotals(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE event_totals (
        name text NOT NULL,
        currency text NOT NULL,
        events bigint NOT NULL,
        amount bigint NOT NULL,
        PRIMARY KEY (name, currency)
      )`);
    await runner.query(`
      CREATE TABLE event_totals_cursor (
        only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
        counted_to uuid NOT NULL
      )`);
    await runner.query(`INSERT INTO event_totals_cursor (counted_to) VALUES ('00000000-0000-0000-0000-000000000000')`);
    await grantToApplication(runner, 'event_totals', 'SELECT, INSERT, UPDATE');
    await grantToApplication(runner, 'event_totals_cursor', 'SELECT, UPDATE');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE event_totals_cursor, event_totals, schedule_runs`);
    await runner.query(`DROP FUNCTION forget_provider_calls(timestamptz, integer)`);
    await runner.query(`DROP TRIGGER provider_calls_kept ON provider_calls`);
    await runner.query(`DROP TRIGGER provider_calls_append_only ON provider_calls`);
    await runner.query(`CREATE TRIGGER provider_calls_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON provider_calls
      FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()`);
    await runner.query(`DROP INDEX idempotency_keys_expires_at_brin, webhook_inbox_received_at_brin,
      provider_calls_started_at_brin`);
    await runner.query(`DROP VIEW live_resources`);
  }
}
