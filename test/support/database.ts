import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { type Harness, harness, refuseForeignServer } from './harness.js';

const APP_ROLE = 'purser_app';
const MIGRATOR_ROLE = 'purser_migrator';

/** A migrated database of one's own. Nothing another test does is in it, and nothing done here outlives `drop`. */
export interface TestDatabase {
  readonly name: string;
  /** As the application's role: rows, but no tables. */
  readonly databaseUrl: string;
  /** As the role that owns the tables. */
  readonly migratorUrl: string;
  readonly superuserUrl: string;
  /** As the superuser, so that a test can also look at what the application may not. */
  query<Row extends pg.QueryResultRow>(sql: string, params?: unknown[]): Promise<Row[]>;
  /** Lets go of it, and leaves it there. */
  close(): Promise<void>;
  drop(): Promise<void>;
}

/** Copies a migrated database, by default the empty template: about 50 ms. */
export async function createTestDatabase({
  template = harness().templateDatabase,
  name = `purser_test_${randomBytes(6).toString('hex')}`,
} = {}): Promise<TestDatabase> {
  const { superuserUrl, appPassword, migratorPassword } = harness();
  await asSuperuser(`CREATE DATABASE ${name} OWNER ${MIGRATOR_ROLE} TEMPLATE ${template}`);
  await asSuperuser(`GRANT CONNECT ON DATABASE ${name} TO ${APP_ROLE}`);
  return openDatabase(name, { superuserUrl, appPassword, migratorPassword });
}

/** Whether the server has this database. */
export async function databaseExists(name: string): Promise<boolean> {
  return (await asSuperuser('SELECT 1 FROM pg_database WHERE datname = $1', [name])) > 0;
}

/** A database that is there already, on whichever server. */
export function openDatabase(
  name: string,
  { superuserUrl, appPassword, migratorPassword }: Pick<Harness, 'superuserUrl' | 'appPassword' | 'migratorPassword'>,
): TestDatabase {
  const own = urlOf(superuserUrl, { database: name });
  const pool = new pg.Pool({ connectionString: own, max: 4 });
  // DROP … FORCE, and tests that cut connections, end idle clients too.
  pool.on('error', () => undefined);
  return {
    name,
    databaseUrl: urlOf(superuserUrl, { database: name, user: APP_ROLE, password: appPassword }),
    migratorUrl: urlOf(superuserUrl, { database: name, user: MIGRATOR_ROLE, password: migratorPassword }),
    superuserUrl: own,
    query: async <Row extends pg.QueryResultRow>(sql: string, params: unknown[] = []) =>
      (await pool.query<Row>(sql, params)).rows,
    close: () => pool.end(),
    drop: async () => {
      await pool.end();
      await asSuperuser(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    },
  };
}

/** How many rows it touched or found. */
async function asSuperuser(sql: string, params: unknown[] = []): Promise<number> {
  const own = harness();
  const client = new pg.Client({ connectionString: own.superuserUrl });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await refuseForeignServer(client, own);
    return (await client.query(sql, params)).rowCount ?? 0;
  } finally {
    await client.end();
  }
}

function urlOf(base: string, to: { database: string; user?: string; password?: string }): string {
  const url = new URL(base);
  url.pathname = `/${to.database}`;
  if (to.user) url.username = to.user;
  if (to.password) url.password = to.password;
  return url.toString();
}
