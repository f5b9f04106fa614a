import type { MigrationInterface, QueryRunner } from 'typeorm';
import { grantToApplication } from './grants.js';

export class CreateOrders1790000000004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE orders (
        id uuid PRIMARY KEY,
        user_id uuid NOT NULL REFERENCES users (id),
        status text NOT NULL DEFAULT 'pending',
        currency text NOT NULL,
        total_amount bigint NOT NULL,
        expires_at timestamptz NOT NULL,
        cancel_reason text,
        version integer NOT NULL DEFAULT 1,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT orders_status_is_known CHECK (status IN ('pending', 'completed', 'cancelled')),
        CONSTRAINT orders_total_is_positive CHECK (total_amount > 0 AND total_amount <= 99999999),
        CONSTRAINT orders_currency_is_iso_4217 CHECK (currency ~ '^[A-Z]{3}$')
      )`);
    await runner.query(`CREATE INDEX orders_user_id_idx ON orders (user_id, id)`);
    await runner.query(`CREATE INDEX orders_status_idx ON orders (status, id)`);
    await runner.query(`CREATE INDEX orders_expiring_idx ON orders (expires_at, id) WHERE status = 'pending'`);
    await runner.query(`
      CREATE TABLE order_items (
        order_id uuid NOT NULL REFERENCES orders (id),
        product_id uuid NOT NULL REFERENCES products (id),
        position integer NOT NULL,
        sku text NOT NULL,
        name text NOT NULL,
        unit_amount bigint NOT NULL,
        quantity integer NOT NULL,
        PRIMARY KEY (order_id, product_id),
        CONSTRAINT order_items_unit_amount_is_positive CHECK (unit_amount > 0),
        CONSTRAINT order_items_quantity_is_in_range CHECK (quantity BETWEEN 1 AND 999)
      )`);
    await runner.query(`
      CREATE TABLE idempotency_keys (
        user_id uuid NOT NULL REFERENCES users (id),
        endpoint text NOT NULL,
        key text NOT NULL,
        request_hash text NOT NULL,
        resource_id uuid NOT NULL,
        response_status integer,
        response_body json,
        created_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz NOT NULL DEFAULT now() + interval '7 days',
        PRIMARY KEY (user_id, endpoint, key),
        CONSTRAINT idempotency_keys_key_length CHECK (length(key) BETWEEN 16 AND 255),
        CONSTRAINT idempotency_keys_answer_is_whole CHECK ((response_status IS NULL) = (response_body IS NULL))
      )`);
    await runner.query(`CREATE INDEX idempotency_keys_resource_id_idx ON idempotency_keys (resource_id)`);
    await grantToApplication(runner, 'orders', 'SELECT, INSERT, UPDATE');
    await grantToApplication(runner, 'order_items', 'SELECT, INSERT');
    await grantToApplication(runner, 'idempotency_keys', 'SELECT, INSERT, UPDATE, DELETE');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE idempotency_keys, order_items, orders`);
  }
}
