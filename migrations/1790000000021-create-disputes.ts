import type { MigrationInterface, QueryRunner } from 'typeorm';
import { grantToApplication } from './grants.js';

/** What a customer's bank wants back. The money itself stands in the ledger, under the dispute's id. */
export class CreateDisputes1790000000021 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE disputes (
        id uuid PRIMARY KEY,
        payment_id uuid NOT NULL REFERENCES payments (id),
        provider_dispute_id text NOT NULL,
        amount bigint NOT NULL,
        currency text NOT NULL,
        reason text NOT NULL,
        status text NOT NULL,
        withdrawn_at timestamptz,
        reinstated_at timestamptz,
        version integer NOT NULL DEFAULT 1,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT disputes_provider_dispute_id_key UNIQUE (provider_dispute_id),
        CONSTRAINT disputes_amount_is_not_negative CHECK (amount >= 0),
        CONSTRAINT disputes_currency_is_iso_4217 CHECK (currency ~ '^[A-Z]{3}$'),
        CONSTRAINT disputes_status_is_known CHECK (status IN
          ('inquiry', 'needs_response', 'under_review', 'won', 'lost', 'closed')),
        CONSTRAINT disputes_reinstated_was_withdrawn CHECK (reinstated_at IS NULL OR withdrawn_at IS NOT NULL)
      )`);
    await runner.query(`CREATE INDEX disputes_payment_id_idx ON disputes (payment_id)`);
    await grantToApplication(runner, 'disputes', 'SELECT, INSERT, UPDATE');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE disputes`);
  }
}
