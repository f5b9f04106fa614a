import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { harness } from '../support/harness.js';
import { throughPooler } from '../support/pooler.js';
import { Program } from '../support/program.js';
import { environmentOf } from '../support/shop-environment.js';
import { waitUntil } from '../support/wait.js';

jest.setTimeout(120_000);

/** Fewer, and the stories did not go through PgBouncer. */
const TRANSACTIONS_MIN = 1_000;
const COMPLAINTS = /prepared statement|startup parameter/i;

const logs = join(harness().stateDir, 'logs');
let database: TestDatabase;
let complaintsOfTheStories: string[];

beforeAll(async () => {
  complaintsOfTheStories = complaints();
  database = await createTestDatabase();
});

afterAll(() => database.drop());

/** Lines of any log, PostgreSQL's, PgBouncer's or the product's, that tell of what transaction mode does not forgive. */
function complaints(): string[] {
  const files = readdirSync(logs, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.log'));
  return files.flatMap((file) =>
    readFileSync(join(logs, file), 'utf8')
      .split('\n')
      .filter((line) => COMPLAINTS.test(line))
      .map((line) => `${file}: ${line}`),
  );
}

async function advisoryLocks(): Promise<number> {
  const [row] = await database.query<{ held: number }>(
    `SELECT count(*)::integer AS held FROM pg_locks WHERE locktype = 'advisory'`,
  );
  return row?.held ?? Number.NaN;
}

async function pooled<T>(work: (client: pg.Client) => Promise<T>, name = database.databaseUrl): Promise<T> {
  const client = new pg.Client({ connectionString: throughPooler(name).databaseUrl });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

describe('after the stories', () => {
  it('a thousand transactions and more went through a pool of five in transaction mode', async () => {
    const console = new URL(database.databaseUrl);
    console.pathname = '/pgbouncer';
    const [settings, totals] = await pooled(async (client) => {
      const config = await client.query<{ key: string; value: string }>('SHOW CONFIG');
      const stats = await client.query<{ xact_count: string }>('SHOW STATS_TOTALS');
      return [new Map(config.rows.map(({ key, value }) => [key, value])), stats.rows] as const;
    }, console.toString());
    expect([settings.get('pool_mode'), settings.get('default_pool_size')]).toEqual(['transaction', '5']);
    const transactions = totals.reduce((sum, { xact_count }) => sum + Number(xact_count), 0);
    expect(transactions).toBeGreaterThan(TRANSACTIONS_MIN);
  });

  it('no log complains of a prepared statement or a startup parameter', () => {
    expect(existsSync(join(logs, 'pgbouncer.log')) && existsSync(join(logs, 'e2e'))).toBe(true);
    expect(complaintsOfTheStories).toEqual([]);
  });

  it('no advisory lock is left', async () => {
    expect(await advisoryLocks()).toBe(0);
  });

  it('the limits come with the role, as the README says', async () => {
    const { rows } = await pooled((client) =>
      client.query(`SELECT current_setting('statement_timeout') AS statement, current_setting('lock_timeout') AS lock,
        current_setting('idle_in_transaction_session_timeout') AS idle`),
    );
    expect(rows).toEqual([{ statement: '3500ms', lock: '1050ms', idle: '10s' }]);
  });
});

describe('the same checks would see', () => {
  it('a product that was not told of PgBouncer: it does not boot', async () => {
    const places = { redisUrl: harness().redisUrl, sandboxPort: 1, webPort: 1 };
    const { databaseUrl } = throughPooler(database.databaseUrl);
    const env = { ...environmentOf({ ...places, databaseUrl }), APP_MODE: 'web', PORT: '0' };
    const program = new Program({ name: 'untold', main: 'src/main.js', env, logFile: join(logs, 'untold.log') });
    await expect(program.run()).rejects.toThrow(/unsupported startup parameter: statement_timeout/);
    expect(complaints()).toContainEqual(expect.stringMatching(/^pgbouncer\.log: .*unsupported startup parameter/));
  });

  it('two clients that name a statement alike and are given the same connection', async () => {
    const name = (client: pg.Client) => client.query({ name: 'alike', text: 'SELECT 1' });
    await pooled((first) => name(first));
    await expect(pooled((second) => name(second))).rejects.toThrow(/prepared statement "alike" already exists/);
    const told = () => complaints().some((line) => line.startsWith('postgres.log') && line.includes('"alike"'));
    await waitUntil(told, { what: 'PostgreSQL to write it down' });
  });

  it('a session that locked and went', async () => {
    await pooled((client) => client.query('SELECT pg_advisory_lock(1)'));
    expect(await advisoryLocks()).toBe(1);
    await database.query(`SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'`);
    await waitUntil(async () => (await advisoryLocks()) === 0, { what: 'the lock to be free' });
  });
});
