import { DataSource } from 'typeorm';
import type { Transaction } from '../../src/contracts/transaction.js';
import { testConfig } from '../support/config.js';
import { dataSourceOptions } from '../../src/platform/database/data-source.js';
import { isDatabaseDown, postgresCode } from '../../src/platform/database/postgres-errors.js';
import { Transactions } from '../../src/platform/database/transactions.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { tell } from '../support/figures.js';
import { waitUntil } from '../support/wait.js';

jest.setTimeout(120_000);

const TRANSACTIONS = 500;
const AT_ONCE = 8;
const ROWS_MAX = 100;
const ATTEMPTS_MAX = 4;
const SUCCESS_MIN = 0.999;

/** What one way of running transactions made of all of them. */
interface Tally {
  readonly done: number;
  readonly refusals: readonly (string | undefined)[];
  /** Of each transaction, how often it was begun. */
  readonly tries: readonly number[];
}

type Work = (tx: Transaction) => Promise<void>;
type Run = (work: Work) => Promise<void>;

let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  database = await createTestDatabase();
  await database.query(`CREATE TABLE counters (id integer PRIMARY KEY, amount integer NOT NULL DEFAULT 0)`);
  await database.query(`INSERT INTO counters (id) SELECT generate_series(1, ${ROWS_MAX})`);
  await database.query(`GRANT SELECT, UPDATE ON counters TO purser_app`);
  // A deadlock is looked for at once, and reads go by the index: a scan of the whole would conflict with every writer.
  for (const setting of [`deadlock_timeout = '10ms'`, `enable_seqscan = off`]) {
    await database.query(`ALTER DATABASE ${database.name} SET ${setting}`);
  }
  // What is proven is the retrying; nobody here may fail because the machine is busy.
  dataSource = await open({
    DATABASE_POOL_MAX: String(AT_ONCE),
    DATABASE_CONNECT_TIMEOUT_MS: '30000',
    DATABASE_LOCK_TIMEOUT_MS: '30000',
    DATABASE_STATEMENT_TIMEOUT_MS: '40000',
    DATABASE_QUERY_TIMEOUT_MS: '50000',
  });
});

beforeEach(() => database.query(`UPDATE counters SET amount = 0`));

afterAll(async () => {
  await dataSource?.destroy();
  await database?.drop();
});

function open(settings: Record<string, string>): Promise<DataSource> {
  const places = { DATABASE_URL: database.databaseUrl, REDIS_URL: 'redis://127.0.0.1:6379' };
  const config = testConfig({ APP_ENV: 'test', ...places, ...settings });
  return new DataSource(dataSourceOptions(config)).initialize();
}

/** Two of that many counters: the fewer, the more often two transactions meet. */
function twoOf(counters: number): [number, number] {
  const first = Math.floor(Math.random() * counters);
  const second = (first + 1 + Math.floor(Math.random() * (counters - 1))) % counters;
  return [first + 1, second + 1];
}

/** Adds one to two counters in the order they were drawn: whoever drew them the other way round waits in a circle. */
const inAnyOrder = (): Work => {
  const rows = twoOf(12);
  return async (tx) => {
    for (const id of rows) await tx.query(`UPDATE counters SET amount = amount + 1 WHERE id = $1`, [id]);
  };
};

/** Adds one to a counter because of what it read in another, which may be changing because of this one. */
const serializable = (): Work => {
  const [read, written] = twoOf(ROWS_MAX);
  return async (tx) => {
    await tx.query(`SET TRANSACTION ISOLATION LEVEL SERIALIZABLE`);
    await tx.query(`SELECT amount FROM counters WHERE id = $1`, [read]);
    await tx.query(`UPDATE counters SET amount = amount + 1 WHERE id = $1`, [written]);
  };
};

async function manyAtOnce(newWork: () => Work, run: Run): Promise<Tally> {
  const refusals: (string | undefined)[] = [];
  const tries: number[] = [];
  let waiting = TRANSACTIONS;
  const keepRunning = async () => {
    while (waiting > 0) {
      waiting -= 1;
      const work = newWork();
      let begun = 0;
      await run((tx) => ((begun += 1), work(tx))).catch((error: unknown) => refusals.push(postgresCode(error)));
      tries.push(begun);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, keepRunning));
  return { done: tries.length - refusals.length, refusals, tries };
}

async function counted(): Promise<number> {
  const [row] = await database.query<{ sum: number }>(`SELECT sum(amount)::integer AS sum FROM counters`);
  return row?.sum ?? 0;
}

describe.each([
  { what: 'opposite lock orders', code: '40P01', newWork: inAnyOrder, changes: 2 },
  { what: 'serializable conflicts', code: '40001', newWork: serializable, changes: 1 },
])(`${TRANSACTIONS} transactions with $what`, ({ code, newWork, changes }) => {
  it('all end well within four tries, and each counts once', async () => {
    const transactions = new Transactions(dataSource);
    const { done, tries } = await manyAtOnce(newWork, (work) => transactions.run(work));
    const again = tries.filter((begun) => begun > 1).length;
    tell('P30', `${code}: ${done} of ${TRANSACTIONS} done, ${again} begun again, at most ${Math.max(...tries)} tries`);
    expect(again).toBeGreaterThan(0);
    expect(done).toBeGreaterThanOrEqual(TRANSACTIONS * SUCCESS_MIN);
    expect(Math.max(...tries)).toBeLessThanOrEqual(ATTEMPTS_MAX);
    expect(await counted()).toBe(done * changes);
  });

  it('are refused when nobody begins them again (control)', async () => {
    const { done, refusals } = await manyAtOnce(newWork, (work) =>
      dataSource.transaction((manager) => work(manager as Transaction)),
    );
    expect(new Set(refusals)).toEqual(new Set([code]));
    expect(done).toBeLessThan(TRANSACTIONS * SUCCESS_MIN);
  });
});

it('what does not ask to start over is tried once', async () => {
  let begun = 0;
  const work: Work = async (tx) => {
    begun += 1;
    await tx.query(`SELECT amount / 0 FROM counters`);
  };
  await expect(new Transactions(dataSource).run(work)).rejects.toMatchObject({ driverError: { code: '22012' } });
  expect(begun).toBe(1);
});

it('two that each want a second connection of a pool of two wait for each other (what no request may do)', async () => {
  const narrow = await open({ DATABASE_POOL_MAX: '2', DATABASE_CONNECT_TIMEOUT_MS: '700' });
  let holding = 0;
  const greedy: Work = async (tx) => {
    await tx.query(`SELECT 1`);
    holding += 1;
    await waitUntil(() => holding === 2, { what: 'both to hold one' });
    await narrow.query(`SELECT 1`);
  };
  const outcomes = await Promise.allSettled([1, 2].map(() => new Transactions(narrow).run(greedy)));
  const refusals = outcomes.filter((outcome) => outcome.status === 'rejected');
  expect(refusals.map(({ reason }) => isDatabaseDown(reason))).toContain(true);
  expect(await narrow.query(`SELECT 1 AS one`)).toEqual([{ one: 1 }]);
  await narrow.destroy();
});

it('a connection cut between two statements is the database being down, and not a mistake of ours', async () => {
  const cut = new Transactions(dataSource).run(async (tx) => {
    const [row] = await tx.query<{ pid: number }[]>(`SELECT pg_backend_pid() AS pid`);
    await database.query(`SELECT pg_terminate_backend($1)`, [row?.pid]);
    await waitUntil(() => tx.queryRunner?.isReleased, { what: 'the cut to be noticed' });
    await tx.query(`SELECT 1`);
  });
  expect(isDatabaseDown(await cut.catch((error: unknown) => error))).toBe(true);
});
