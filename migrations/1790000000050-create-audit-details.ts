import type { MigrationInterface, QueryRunner } from 'typeorm';
import { grantToApplication } from './grants.js';

/** What may have to be forgotten of an act: the act itself is an event, and stays. */
export class CreateAuditDetails1790000000050 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE audit_details (
        event_id uuid PRIMARY KEY REFERENCES events (id),
        actor_id uuid,
        act text NOT NULL,
        subject text NOT NULL,
        ip text,
        device text,
        before jsonb,
        after jsonb
      )`);
    await runner.query(`CREATE INDEX audit_details_actor_id_idx ON audit_details (actor_id, event_id)`);
    await runner.query(`CREATE INDEX audit_details_subject_idx ON audit_details (subject, event_id)`);
    // Who did what is not for the application to change, and no row is for it to delete.
    await grantToApplication(runner, 'audit_details', 'SELECT, INSERT, UPDATE (ip, device, before, after)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE audit_details`);
  }
}
