import { ALL_MIGRATIONS } from '../../migrations/all-migrations.js';
import { ALL_ENTITIES } from '../../src/app/entities.js';
import { differences } from '../../src/app/tasks/migrate.task.js';
import { readConfig, type Config } from '../../src/platform/config/config.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { getMetadataArgsStorage } from 'typeorm';

jest.setTimeout(60_000);

/** Written and read by SQL only: no entity describes them, so the comparison cannot see into them. */
const WITHOUT_ENTITY = [
  'audit_details',
  'event_deliveries',
  'event_totals',
  'event_totals_cursor',
  'events',
  'idempotency_keys',
  'ledger_entries',
  'ledger_seals',
  'ledger_transactions',
  'provider_calls',
  'reconciliation_findings',
  'reconciliation_seen',
  'reconciliations',
  'reviews',
  'schedule_runs',
  'schema_migrations',
  'webhook_cursors',
  'webhook_inbox',
];

describe('entities and migrations', () => {
  let database: TestDatabase;

  beforeEach(async () => {
    database = await createTestDatabase();
  });

  afterEach(() => database.drop());

  it('agree', async () => {
    expect(await differences(configOf(database))).toEqual([]);
  });

  it.each([
    ['a column no entity has', 'ALTER TABLE orders ADD COLUMN stray text', /"orders".*"stray"/],
    ['a column that is gone', 'ALTER TABLE users DROP COLUMN locale', /"users".*"locale"/],
    ['a column that may be null', 'ALTER TABLE orders ALTER COLUMN currency DROP NOT NULL', /"currency"/],
    ['a CHECK that is gone', 'ALTER TABLE orders DROP CONSTRAINT orders_total_is_positive', /orders_total_is_positive/],
    ['a unique key that is gone', 'ALTER TABLE products DROP CONSTRAINT products_sku_key', /products_sku_key/],
    [
      'a foreign key that is gone',
      'ALTER TABLE payments DROP CONSTRAINT payments_order_id_fkey',
      /payments_order_id_fkey/,
    ],
    ['an index that is gone', 'DROP INDEX payments_one_live_per_order', /payments_one_live_per_order/],
    ['an index no entity has', 'CREATE INDEX stray_idx ON orders (updated_at)', /stray_idx/],
  ])('are told apart by %s', async (_what, tampering, named) => {
    await database.query(tampering);
    const found = await differences(configOf(database));
    expect(found.join('\n')).toMatch(named);
  });

  it('are told apart by a migration that did not run', async () => {
    await database.query('DELETE FROM schema_migrations WHERE name = $1', [ALL_MIGRATIONS.at(-1)?.name]);
    expect(await differences(configOf(database))).toContain('-- migrations are pending');
  });

  it('know every table: each has an entity, or is named here', async () => {
    const classes: unknown[] = ALL_ENTITIES;
    const described = getMetadataArgsStorage().tables.filter(({ target }) => classes.includes(target));
    expect(described).toHaveLength(ALL_ENTITIES.length);
    const rows = await database.query<{ name: string }>(
      `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`,
    );
    const known = [...described.map(({ name }) => name), ...WITHOUT_ENTITY];
    expect(rows.map(({ name }) => name)).toEqual(known.sort());
  });
});

function configOf({ databaseUrl, migratorUrl }: TestDatabase): Config {
  return readConfig({
    APP_ENV: 'test',
    DATABASE_URL: databaseUrl,
    DATABASE_MIGRATOR_URL: migratorUrl,
    REDIS_URL: 'redis://127.0.0.1:6379',
  });
}
