import type { MigrationInterface, QueryRunner } from 'typeorm';
import { grantToApplication } from './grants.js';

/** Webhooks about one object, findable together; and how far the provider's own list of events was read. */
export class CollapseWebhooks1790000000032 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE INDEX webhook_inbox_object_id_idx ON webhook_inbox (object_id)`);
    await runner.query(`
      CREATE TABLE webhook_cursors (
        provider text PRIMARY KEY,
        polled_at timestamptz NOT NULL DEFAULT now(),
        seen_to timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query(`INSERT INTO webhook_cursors (provider) VALUES ('stripe')`);
    await grantToApplication(runner, 'webhook_cursors', 'SELECT, UPDATE');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE webhook_cursors`);
    await runner.query(`DROP INDEX webhook_inbox_object_id_idx`);
  }
}
