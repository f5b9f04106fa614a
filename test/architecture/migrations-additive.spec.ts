import { DataSource, type QueryRunner } from 'typeorm';
import { ALL_MIGRATIONS } from '../../migrations/all-migrations.js';
import { readConfig } from '../../src/platform/config/config.js';
import { dataSourceOptions } from '../../src/platform/database/data-source.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { environmentOf } from '../support/shop-environment.js';

jest.setTimeout(120_000);

/** What the version before relies on: it reads and writes these columns, calls these functions, has these rights. */
const RELIED_ON = `
  SELECT format('column %s.%s %s', table_name, column_name, data_type) AS fact
    FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'schema_migrations'
  UNION ALL
  SELECT format('right to %s %s', lower(privilege_type), table_name)
    FROM information_schema.role_table_grants WHERE grantee = 'purser_app' AND table_name <> 'schema_migrations'
  UNION ALL
  SELECT format('right to %s %s.%s', lower(privilege_type), table_name, column_name)
    FROM information_schema.column_privileges WHERE grantee = 'purser_app'
  UNION ALL
  SELECT format('function %s', oid::regprocedure) FROM pg_proc WHERE pronamespace = 'public'::regnamespace`;

/** What an INSERT must name. */
const DEMANDED = `SELECT table_name AS "table", format('%s.%s', table_name, column_name) AS column
  FROM information_schema.columns
  WHERE table_schema = 'public' AND table_name <> 'schema_migrations'
    AND is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO' AND is_generated = 'NEVER'`;

interface Schema {
  readonly facts: ReadonlySet<string>;
  readonly tables: ReadonlySet<string>;
  readonly demanded: ReadonlySet<string>;
}

let database: TestDatabase;
let source: DataSource;
let runner: QueryRunner;

beforeEach(async () => {
  database = await createTestDatabase({ template: 'template1' });
  const places = { databaseUrl: database.databaseUrl, redisUrl: 'redis://127.0.0.1:1', sandboxPort: 1, webPort: 1 };
  const config = readConfig({ ...environmentOf(places), DATABASE_MIGRATOR_URL: database.migratorUrl });
  const extra = { options: '-c purser.app_role=purser_app' };
  source = await new DataSource({ ...dataSourceOptions(config, database.migratorUrl), extra }).initialize();
  runner = source.createQueryRunner();
});

afterEach(async () => {
  await runner.release();
  await source.destroy();
  await database.drop();
});

async function schema(): Promise<Schema> {
  const facts = await database.query<{ fact: string }>(RELIED_ON);
  const demanded = await database.query<{ column: string }>(DEMANDED);
  const tables = await database.query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'`,
  );
  return {
    facts: new Set(facts.map(({ fact }) => fact)),
    tables: new Set(tables.map(({ name }) => name)),
    demanded: new Set(demanded.map(({ column }) => column)),
  };
}

/** Why the version before would not work on what a change made of its tables. */
function broken(before: Schema, after: Schema): string[] {
  const gone = [...before.facts].filter((fact) => !after.facts.has(fact)).map((fact) => `gone: ${fact}`);
  const isOfBefore = (column: string) => before.tables.has(column.split('.')[0] ?? '');
  const demanded = [...after.demanded]
    .filter((column) => isOfBefore(column) && !before.demanded.has(column))
    .map((column) => `demanded: ${column}`);
  return [...gone, ...demanded];
}

async function brokenBy(change: (on: QueryRunner) => Promise<unknown>): Promise<string[]> {
  const before = await schema();
  await runner.startTransaction();
  await change(runner);
  await runner.commitTransaction();
  return broken(before, await schema());
}

async function applyAll(): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for (const Migration of ALL_MIGRATIONS) {
    const reasons = await brokenBy((on) => new Migration().up(on));
    if (reasons.length > 0) found[Migration.name] = reasons;
  }
  return found;
}

describe('every migration', () => {
  it('leaves the version before everything it relies on, and demands nothing new of it', async () => {
    expect(await applyAll()).toEqual({});
  });

  it('would be told from one that does not (control)', async () => {
    await applyAll();
    const changes: [string, string[]][] = [
      [`ALTER TABLE orders RENAME COLUMN currency TO money`, ['gone: column orders.currency text']],
      [`ALTER TABLE products DROP COLUMN description`, ['gone: column products.description text']],
      [`ALTER TABLE users ALTER COLUMN locale TYPE varchar`, ['gone: column users.locale text']],
      [`ALTER TABLE refunds ADD COLUMN ticket text NOT NULL`, ['demanded: refunds.ticket']],
      [`REVOKE UPDATE ON orders FROM purser_app`, ['gone: right to update orders']],
      [
        `ALTER FUNCTION forget_provider_calls(timestamptz, integer) RENAME TO forget_calls`,
        ['gone: function forget_provider_calls(timestamp with time zone,integer)'],
      ],
    ];
    for (const [statement, reasons] of changes) {
      expect(await brokenBy((on) => on.query(statement))).toEqual(expect.arrayContaining(reasons));
    }
  });
});
