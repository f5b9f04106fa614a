import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a refund needs to be submitted and found again, and the rule that what is reserved is what its refunds add up to. */
export class SubmitRefunds1790000000010 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // The default has what was requested before looked at, also by a version that knows no such column.
    await runner.query(`
      ALTER TABLE refunds
        ADD COLUMN is_booked boolean NOT NULL DEFAULT false,
        ADD COLUMN first_submitted_at timestamptz,
        ADD COLUMN last_submitted_at timestamptz,
        ADD COLUMN next_check_at timestamptz DEFAULT now(),
        ADD COLUMN checks integer NOT NULL DEFAULT 0,
        ADD COLUMN last_error jsonb,
        ADD CONSTRAINT refunds_are_booked_while_gone CHECK (CASE status
          WHEN 'succeeded' THEN is_booked WHEN 'pending' THEN true ELSE NOT is_booked END)`);
    await runner.query(`CREATE INDEX refunds_to_check_idx ON refunds (next_check_at) WHERE next_check_at IS NOT NULL`);
    await this.holdSums(runner);
  }

  /**
   * Deferred, because payment and refund change in two statements or in either order. One SELECT reads both sides: two
   * would look at two moments, and see what another transaction committed in between as a difference.
   */
  private async holdSums(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE FUNCTION refunds_must_add_up() RETURNS trigger LANGUAGE plpgsql AS $$
      DECLARE
        checked uuid;
        difference bigint;
      BEGIN
        IF TG_TABLE_NAME = 'refunds' THEN checked := NEW.payment_id; ELSE checked := NEW.id; END IF;
        SELECT p.refunded_amount - (SELECT coalesce(sum(r.amount), 0) FROM refunds AS r
                                     WHERE r.payment_id = p.id AND r.status NOT IN ('failed', 'cancelled'))
          INTO difference FROM payments AS p WHERE p.id = checked;
        IF difference <> 0 THEN
          RAISE EXCEPTION 'the refunds of payment % differ by % from what is reserved', checked, difference
            USING ERRCODE = 'check_violation', CONSTRAINT = 'refunds_add_up';
        END IF;
        RETURN NULL;
      END $$`);
    await runner.query(`CREATE CONSTRAINT TRIGGER refunds_add_up
      AFTER INSERT OR UPDATE OF payment_id, amount, status ON refunds
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refunds_must_add_up()`);
    await runner.query(`CREATE CONSTRAINT TRIGGER payments_refunds_add_up AFTER UPDATE OF refunded_amount ON payments
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.refunded_amount <> NEW.refunded_amount)
      EXECUTE FUNCTION refunds_must_add_up()`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TRIGGER payments_refunds_add_up ON payments`);
    await runner.query(`DROP TRIGGER refunds_add_up ON refunds`);
    await runner.query(`DROP FUNCTION refunds_must_add_up()`);
    await runner.query(`ALTER TABLE refunds DROP CONSTRAINT refunds_are_booked_while_gone, DROP COLUMN is_booked,
      DROP COLUMN first_submitted_at, DROP COLUMN last_submitted_at, DROP COLUMN next_check_at, DROP COLUMN checks,
      DROP COLUMN last_error`);
  }
}
