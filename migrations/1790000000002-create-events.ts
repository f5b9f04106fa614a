import type { MigrationInterface, QueryRunner } from 'typeorm';
import { grantToApplication, makeAppendOnly } from './grants.js';

/** Facts, and the work still to do about them. */
export class CreateEvents1790000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'feature_not_supported';
      END $$`);
    await runner.query(`
      CREATE TABLE events (
        id uuid PRIMARY KEY,
        stream text NOT NULL,
        version integer NOT NULL,
        order_id uuid,
        name text NOT NULL,
        payload jsonb NOT NULL,
        metadata jsonb NOT NULL DEFAULT '{}',
        occurred_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        CONSTRAINT events_stream_version_key UNIQUE (stream, version)
      )`);
    await runner.query(`CREATE INDEX events_order_id_idx ON events (order_id, id) WHERE order_id IS NOT NULL`);
    await makeAppendOnly(runner, 'events');
    await runner.query(`
      CREATE TABLE event_deliveries (
        event_id uuid NOT NULL REFERENCES events (id),
        subscriber text NOT NULL,
        available_at timestamptz NOT NULL DEFAULT now(),
        leased_until timestamptz,
        attempts integer NOT NULL DEFAULT 0,
        deaths integer NOT NULL DEFAULT 0,
        last_error text,
        dead_at timestamptz,
        PRIMARY KEY (event_id, subscriber)
      )`);
    await runner.query(
      `CREATE INDEX event_deliveries_due_idx ON event_deliveries (available_at) WHERE dead_at IS NULL`,
    );
    await runner.query(
      `CREATE INDEX event_deliveries_dead_idx ON event_deliveries (dead_at) WHERE dead_at IS NOT NULL`,
    );
    // One call per event, so that a statement that changes an aggregate can record it without another round trip.
    await runner.query(`
      CREATE FUNCTION append_event(event_id uuid, event_stream text, stream_version integer, event_order_id uuid,
        event_name text, event_payload jsonb, event_metadata jsonb, subscribers text[]) RETURNS void LANGUAGE sql AS $$
        INSERT INTO events (id, stream, version, order_id, name, payload, metadata)
          VALUES (event_id, event_stream, stream_version, event_order_id, event_name, event_payload, event_metadata);
        INSERT INTO event_deliveries (event_id, subscriber) SELECT event_id, unnest(subscribers)
      $$`);
    await grantToApplication(runner, 'events', 'SELECT, INSERT');
    await grantToApplication(runner, 'event_deliveries', 'SELECT, INSERT, UPDATE, DELETE');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP FUNCTION append_event`);
    await runner.query(`DROP TABLE event_deliveries, events`);
    await runner.query(`DROP FUNCTION refuse_change()`);
  }
}
