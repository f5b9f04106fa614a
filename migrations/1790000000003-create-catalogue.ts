import type { MigrationInterface, QueryRunner } from 'typeorm';
import { grantToApplication, makeAppendOnly } from './grants.js';

export class CreateCatalogue1790000000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE products (
        id uuid PRIMARY KEY,
        sku text NOT NULL,
        name text NOT NULL,
        description text NOT NULL DEFAULT '',
        unit_amount bigint NOT NULL,
        currency text NOT NULL,
        stock_on_hand integer NOT NULL DEFAULT 0,
        is_active boolean NOT NULL DEFAULT true,
        version integer NOT NULL DEFAULT 1,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT products_sku_key UNIQUE (sku),
        CONSTRAINT products_unit_amount_is_positive CHECK (unit_amount > 0 AND unit_amount <= 99999999),
        CONSTRAINT products_currency_is_iso_4217 CHECK (currency ~ '^[A-Z]{3}$'),
        CONSTRAINT products_stock_is_not_negative CHECK (stock_on_hand >= 0)
      )`);
    await runner.query(`
      CREATE TABLE stock_adjustments (
        id uuid PRIMARY KEY,
        product_id uuid NOT NULL REFERENCES products (id),
        delta integer NOT NULL,
        reason text NOT NULL,
        actor_id uuid,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT stock_adjustments_delta_is_not_zero CHECK (delta <> 0)
      )`);
    await runner.query(`CREATE INDEX stock_adjustments_product_id_idx ON stock_adjustments (product_id)`);
    await makeAppendOnly(runner, 'stock_adjustments');
    await grantToApplication(runner, 'products', 'SELECT, INSERT, UPDATE');
    await grantToApplication(runner, 'stock_adjustments', 'SELECT, INSERT');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE stock_adjustments, products`);
  }
}
