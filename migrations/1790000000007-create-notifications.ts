import type { MigrationInterface, QueryRunner } from 'typeorm';
import { grantToApplication } from './grants.js';

export class CreateNotifications1790000000007 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE notifications (
        id uuid PRIMARY KEY,
        user_id uuid NOT NULL REFERENCES users (id),
        kind text NOT NULL,
        fact_id uuid NOT NULL,
        channel text NOT NULL,
        order_id uuid,
        status text NOT NULL DEFAULT 'queued',
        ambiguous_sends integer NOT NULL DEFAULT 0,
        provider_message_id text,
        last_error text,
        version integer NOT NULL DEFAULT 1,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT notifications_kind_fact_id_channel_key UNIQUE (kind, fact_id, channel),
        CONSTRAINT notifications_status_is_known CHECK (status IN ('queued', 'sending', 'sent', 'rejected')),
        CONSTRAINT notifications_channel_is_known CHECK (channel IN ('email'))
      )`);
    await runner.query(`CREATE INDEX notifications_user_id_idx ON notifications (user_id, id)`);
    await grantToApplication(runner, 'notifications', 'SELECT, INSERT, UPDATE');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE notifications`);
  }
}
