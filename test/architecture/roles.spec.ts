import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

const NO_PRIVILEGE = '42501';
const APPEND_ONLY = '0A000';
const CHECK_VIOLATION = '23514';
const APPEND_ONLY_TABLES = [
  'events',
  'ledger_entries',
  'ledger_transactions',
  'provider_calls',
  'stock_adjustments',
] as const;

let database: TestDatabase;
/** As the application connects. */
let app: pg.Client;
/** As the role that owns the tables. */
let owner: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase();
  app = await connected(database.databaseUrl);
  owner = await connected(database.migratorUrl);
});

afterAll(async () => {
  await app?.end();
  await owner?.end();
  await database?.drop();
});

describe("the application's role", () => {
  it.each([
    'CREATE TABLE stray (id integer)',
    'CREATE SCHEMA stray',
    'ALTER TABLE orders ADD COLUMN stray text',
    'ALTER TABLE orders DROP CONSTRAINT orders_total_is_positive',
    'DROP INDEX payments_one_live_per_order',
    'DROP TABLE orders CASCADE',
    'DROP TRIGGER ledger_entries_balance ON ledger_entries',
    'CREATE OR REPLACE FUNCTION ledger_must_balance() RETURNS trigger LANGUAGE sql AS $$ SELECT NULL $$',
    `SET session_replication_role = 'replica'`,
    'INSERT INTO schema_migrations (timestamp, name) VALUES (1, $$x$$)',
  ])('may not %s', async (sql) => {
    expect(await refusalOf(app, sql)).toBe(NO_PRIVILEGE);
  });

  it.each(APPEND_ONLY_TABLES)('may neither change nor delete what stands in %s', async (table) => {
    expect(await refusalOf(app, `UPDATE ${table} SET id = id`)).toBe(NO_PRIVILEGE);
    expect(await refusalOf(app, `DELETE FROM ${table}`)).toBe(NO_PRIVILEGE);
  });

  it('may empty no table at all', async () => {
    const tables = await database.query<{ name: string }>(
      `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'`,
    );
    expect(tables.length).toBeGreaterThan(10);
    for (const { name } of tables) expect(await refusalOf(app, `TRUNCATE ${name} CASCADE`)).toBe(NO_PRIVILEGE);
  });

  it('owns nothing and has no way around its grants', async () => {
    const [role] = await database.query(
      `SELECT rolsuper, rolcreatedb, rolcreaterole, rolbypassrls, rolreplication FROM pg_roles WHERE rolname = 'purser_app'`,
    );
    expect(Object.values(role ?? {})).toEqual([false, false, false, false, false]);
    const owned = await database.query(
      `SELECT relname FROM pg_class WHERE pg_get_userbyid(relowner) = 'purser_app' AND relnamespace = 'public'::regnamespace`,
    );
    expect(owned).toEqual([]);
  });
});

describe('the tables that only grow', () => {
  it.each(APPEND_ONLY_TABLES)('refuse their owner, too: %s', async (table) => {
    expect(await refusalOf(owner, `UPDATE ${table} SET id = id`)).toBe(APPEND_ONLY);
    expect(await refusalOf(owner, `DELETE FROM ${table}`)).toBe(APPEND_ONLY);
    expect(await refusalOf(owner, `TRUNCATE ${table} CASCADE`)).toBe(APPEND_ONLY);
  });
});

describe('the ledger', () => {
  it('takes a transaction whose entries add up to zero', async () => {
    expect(await commitOf(['USD 100', 'USD -100'])).toBe('committed');
    expect(await commitOf(['USD 100', 'USD -60', 'USD -40', 'JPY 7', 'JPY -7'])).toBe('committed');
  });

  it.each([
    ['entries that do not add up', ['USD 100', 'USD -99']],
    ['entries that add up only across currencies', ['USD 100', 'EUR -100']],
    ['a single entry', ['USD 100']],
    ['no entry', []],
  ])('refuses at the commit %s', async (_what, entries) => {
    expect(await commitOf(entries)).toBe(CHECK_VIOLATION);
  });

  it('refuses a balanced pair added to a transaction of before', async () => {
    const id = randomUUID();
    expect(await commitOf(['USD 100', 'USD -100'], id)).toBe('committed');
    await app.query('BEGIN');
    await insertEntries(id, ['USD 5', 'USD -5']);
    expect(await refusalOf(app, 'COMMIT')).toBe(CHECK_VIOLATION);
  });

  it('refuses a savepoint that hides half of a pair', async () => {
    const id = randomUUID();
    await app.query('BEGIN');
    await insertTransaction(id);
    await insertEntries(id, ['USD 100']);
    await app.query('SAVEPOINT half');
    await insertEntries(id, ['USD -100']);
    await app.query('ROLLBACK TO SAVEPOINT half');
    expect(await refusalOf(app, 'COMMIT')).toBe(CHECK_VIOLATION);
  });

  it('does not let the application say which database transaction made a ledger transaction', async () => {
    const sql = `INSERT INTO ledger_transactions (id, kind, source_id, created_xid)
      VALUES (gen_random_uuid(), 'capture', gen_random_uuid(), pg_current_xact_id())`;
    expect(await refusalOf(app, sql)).toBe(NO_PRIVILEGE);
  });

  it('would take anything without its triggers', async () => {
    await owner.query('ALTER TABLE ledger_transactions DISABLE TRIGGER ledger_transactions_balance');
    await owner.query('ALTER TABLE ledger_entries DISABLE TRIGGER ledger_entries_balance');
    expect(await commitOf(['USD 100', 'USD -99'])).toBe('committed');
    expect(await commitOf([])).toBe('committed');
    await owner.query('ALTER TABLE ledger_transactions ENABLE TRIGGER ledger_transactions_balance');
    await owner.query('ALTER TABLE ledger_entries ENABLE TRIGGER ledger_entries_balance');
  });
});

async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client;
}

/** The SQLSTATE of the refusal; undefined when nobody refused. */
async function refusalOf(client: pg.Client, sql: string): Promise<string | undefined> {
  try {
    await client.query(sql);
    return undefined;
  } catch (error) {
    return (error as { code?: string }).code;
  }
}

/** Books one ledger transaction as the application. Entries are written `USD -100`. */
async function commitOf(entries: readonly string[], id: string = randomUUID()): Promise<string | undefined> {
  await app.query('BEGIN');
  await insertTransaction(id);
  await insertEntries(id, entries);
  return (await refusalOf(app, 'COMMIT')) ?? 'committed';
}

async function insertTransaction(id: string): Promise<void> {
  const sql = `INSERT INTO ledger_transactions (id, kind, source_id) VALUES ($1, 'capture', gen_random_uuid())`;
  await app.query(sql, [id]);
}

async function insertEntries(transactionId: string, entries: readonly string[]): Promise<void> {
  for (const entry of entries) {
    const [currency, amount] = entry.split(' ');
    await app.query(
      `INSERT INTO ledger_entries (id, transaction_id, account, currency, amount)
       VALUES (gen_random_uuid(), $1, 'bank', $2, $3)`,
      [transactionId, currency, amount],
    );
  }
}
