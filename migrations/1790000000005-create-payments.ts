import type { MigrationInterface, QueryRunner } from 'typeorm';
import { grantToApplication, makeAppendOnly } from './grants.js';

export class CreatePayments1790000000005 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await this.createPayments(runner);
    await this.createRefundsAndReviews(runner);
    await this.createEvidence(runner);
    await grantToApplication(runner, 'payments', 'SELECT, INSERT, UPDATE');
    await grantToApplication(runner, 'refunds', 'SELECT, INSERT, UPDATE');
    await grantToApplication(runner, 'reviews', 'SELECT, INSERT, UPDATE');
    await grantToApplication(runner, 'provider_calls', 'SELECT, INSERT');
    await grantToApplication(runner, 'webhook_inbox', 'SELECT, INSERT, UPDATE');
  }

  private async createPayments(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE payments (
        id uuid PRIMARY KEY,
        order_id uuid NOT NULL REFERENCES orders (id),
        user_id uuid NOT NULL REFERENCES users (id),
        amount bigint NOT NULL,
        currency text NOT NULL,
        payment_method text NOT NULL,
        capture_method text NOT NULL DEFAULT 'automatic',
        status text NOT NULL,
        provider text NOT NULL,
        provider_payment_id text,
        stripe_charge_id text,
        provider_idempotency_key text NOT NULL,
        provider_request jsonb NOT NULL,
        first_submitted_at timestamptz NOT NULL DEFAULT now(),
        last_submitted_at timestamptz NOT NULL DEFAULT now(),
        answered_submits integer NOT NULL DEFAULT 0,
        next_check_at timestamptz,
        checks integer NOT NULL DEFAULT 0,
        capture_request jsonb,
        action_expires_at timestamptz,
        next_action jsonb,
        captured_amount bigint NOT NULL DEFAULT 0,
        refunded_amount bigint NOT NULL DEFAULT 0,
        last_error jsonb,
        version integer NOT NULL DEFAULT 1,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT payments_provider_payment_id_key UNIQUE (provider_payment_id),
        CONSTRAINT payments_provider_idempotency_key_key UNIQUE (provider_idempotency_key),
        CONSTRAINT payments_status_is_known CHECK (status IN ('submitting', 'unknown', 'requires_action', 'authorized',
          'awaiting_confirmation', 'needs_review', 'succeeded', 'late_succeeded', 'failed', 'cancelled')),
        CONSTRAINT payments_method_is_known CHECK (payment_method IN ('card', 'bank_transfer', 'cash_on_delivery')),
        CONSTRAINT payments_capture_method_is_known CHECK (capture_method IN ('automatic', 'manual')),
        CONSTRAINT payments_currency_is_iso_4217 CHECK (currency ~ '^[A-Z]{3}$'),
        CONSTRAINT payments_amounts_are_ordered CHECK
          (amount > 0 AND 0 <= refunded_amount AND refunded_amount <= captured_amount AND captured_amount <= amount),
        CONSTRAINT payments_succeeded_is_captured CHECK
          ((status IN ('succeeded', 'late_succeeded')) = (captured_amount > 0))
      )`);
    await runner.query(`CREATE UNIQUE INDEX payments_one_live_per_order ON payments (order_id) WHERE status IN
      ('submitting', 'unknown', 'requires_action', 'authorized', 'awaiting_confirmation', 'needs_review', 'succeeded')`);
    await runner.query(`CREATE INDEX payments_order_id_idx ON payments (order_id, id)`);
    await runner.query(
      `CREATE INDEX payments_to_check_idx ON payments (next_check_at) WHERE next_check_at IS NOT NULL`,
    );
  }

  private async createRefundsAndReviews(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE refunds (
        id uuid PRIMARY KEY,
        payment_id uuid NOT NULL REFERENCES payments (id),
        amount bigint NOT NULL,
        currency text NOT NULL,
        reason text NOT NULL,
        status text NOT NULL DEFAULT 'requested',
        provider_refund_id text,
        provider_idempotency_key text NOT NULL,
        requested_by uuid,
        version integer NOT NULL DEFAULT 1,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT refunds_provider_refund_id_key UNIQUE (provider_refund_id),
        CONSTRAINT refunds_provider_idempotency_key_key UNIQUE (provider_idempotency_key),
        CONSTRAINT refunds_amount_is_positive CHECK (amount > 0),
        CONSTRAINT refunds_status_is_known CHECK (status IN
          ('requested', 'submitting', 'unknown', 'pending', 'succeeded', 'failed', 'cancelled'))
      )`);
    await runner.query(`CREATE INDEX refunds_payment_id_idx ON refunds (payment_id)`);
    await runner.query(`
      CREATE TABLE reviews (
        id uuid PRIMARY KEY,
        payment_id uuid NOT NULL REFERENCES payments (id),
        reason text NOT NULL,
        evidence jsonb NOT NULL DEFAULT '{}',
        opened_at timestamptz NOT NULL DEFAULT now(),
        resolved_at timestamptz,
        outcome text,
        note text
      )`);
    await runner.query(`CREATE UNIQUE INDEX reviews_one_open_per_reason ON reviews (payment_id, reason)
      WHERE resolved_at IS NULL`);
  }

  private async createEvidence(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE provider_calls (
        id uuid PRIMARY KEY,
        owner_id uuid NOT NULL,
        op text NOT NULL,
        key text,
        outcome text NOT NULL,
        provider_request_id text,
        started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        ended_at timestamptz
      )`);
    await runner.query(`CREATE INDEX provider_calls_owner_id_idx ON provider_calls (owner_id, id)`);
    await makeAppendOnly(runner, 'provider_calls');
    await runner.query(`
      CREATE TABLE webhook_inbox (
        provider text NOT NULL,
        event_id text NOT NULL,
        type text NOT NULL,
        object_id text NOT NULL,
        payload jsonb NOT NULL,
        deliveries integer NOT NULL DEFAULT 1,
        received_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (provider, event_id)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE webhook_inbox, provider_calls, reviews, refunds, payments`);
  }
}
