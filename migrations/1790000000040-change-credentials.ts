import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What an account needs to change its address, to be mailed a new password's link, and to be erased. */
export class ChangeCredentials1790000000040 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE users
      ADD COLUMN pending_email text,
      ADD COLUMN reset_sent_at timestamptz,
      ADD COLUMN erased_at timestamptz`);
    await runner.query(`ALTER TABLE users
      ADD CONSTRAINT users_pending_email_is_lower_case
        CHECK (pending_email = lower(pending_email) AND length(pending_email) <= 254),
      ADD CONSTRAINT users_erased_is_closed CHECK (erased_at IS NULL OR NOT is_active)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE users DROP COLUMN erased_at, DROP COLUMN reset_sent_at, DROP COLUMN pending_email`);
  }
}
