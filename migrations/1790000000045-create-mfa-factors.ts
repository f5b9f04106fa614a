import type { MigrationInterface, QueryRunner } from 'typeorm';
import { grantToApplication } from './grants.js';

export class CreateMfaFactors1790000000045 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE mfa_factors (
        user_id uuid PRIMARY KEY REFERENCES users (id),
        secret text NOT NULL,
        recovery_hashes text[] NOT NULL,
        confirmed_at timestamptz,
        last_counter integer,
        created_at timestamptz NOT NULL DEFAULT now()
      )`);
    await grantToApplication(runner, 'mfa_factors', 'SELECT, INSERT, UPDATE, DELETE');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE mfa_factors`);
  }
}
