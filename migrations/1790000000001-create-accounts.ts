import type { MigrationInterface, QueryRunner } from 'typeorm';
import { grantToApplication } from './grants.js';

export class CreateAccounts1790000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE users (
        id uuid PRIMARY KEY,
        email text NOT NULL,
        password_hash text NOT NULL,
        credentials_version integer NOT NULL DEFAULT 1,
        display_name text,
        locale text NOT NULL DEFAULT 'en',
        roles text[] NOT NULL DEFAULT '{user}',
        is_active boolean NOT NULL DEFAULT true,
        email_verified_at timestamptz,
        verification_sent_at timestamptz,
        version integer NOT NULL DEFAULT 1,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT users_email_key UNIQUE (email),
        CONSTRAINT users_email_is_lower_case CHECK (email = lower(email) AND length(email) <= 254),
        CONSTRAINT users_roles_are_known CHECK (roles <@ ARRAY['user', 'support', 'admin'] AND cardinality(roles) > 0)
      )`);
    await runner.query(`
      CREATE TABLE sessions (
        id uuid PRIMARY KEY,
        user_id uuid NOT NULL REFERENCES users (id),
        generation integer NOT NULL DEFAULT 0,
        seed text NOT NULL,
        device text,
        ip text,
        rotated_at timestamptz NOT NULL DEFAULT now(),
        last_used_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz NOT NULL,
        revoked_at timestamptz,
        revoked_reason text,
        version integer NOT NULL DEFAULT 1,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT sessions_revoked_reason_is_known CHECK (revoked_reason IN ('logout', 'reuse', 'revoked'))
      )`);
    await runner.query(`CREATE INDEX sessions_user_id_idx ON sessions (user_id)`);
    await grantToApplication(runner, 'users', 'SELECT, INSERT, UPDATE');
    await grantToApplication(runner, 'sessions', 'SELECT, INSERT, UPDATE, DELETE');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE sessions, users`);
  }
}
