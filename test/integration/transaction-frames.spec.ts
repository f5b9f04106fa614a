import { DataSource } from 'typeorm';
import type pg from 'pg';
import { dataSourceOptions } from '../../src/platform/database/data-source.js';
import { postgresCode } from '../../src/platform/database/postgres-errors.js';
import { rowOf } from '../../src/platform/database/sql.js';
import { prepared } from '../../src/platform/database/statements.js';
import { lastRowOf, Transactions } from '../../src/platform/database/transactions.js';
import { testConfig } from '../support/config.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

const ADD = prepared('frames.add', `UPDATE purses SET amount = amount + $1 WHERE id = 1 RETURNING amount`);
const TAKE_FROM_OTHER = prepared('frames.take', `UPDATE purses SET amount = amount - $1 WHERE id = 2 RETURNING amount`);
const ENTER = prepared('frames.enter', `INSERT INTO entries (purse_id) VALUES ($1) RETURNING purse_id`);
/** node-postgres forgets a statement whose parameters it could not write. */
const FORGOTTEN = prepared('frames.forgotten', `UPDATE purses SET amount = $1::bigint WHERE id = 2 RETURNING amount`);
const SLEEP = prepared('frames.sleep', `SELECT pg_sleep($1)`);
/** Above 2^31: a bigint comes as an exact number, framed or not. */
const MUCH = 5_000_000_000;
const QUERY_TIMEOUT_MS = 500;

let database: TestDatabase;
let dataSource: DataSource;
let transactions: Transactions;
let roundTrips = 0;
let isFirst = true;

beforeAll(async () => {
  database = await createTestDatabase();
  await database.query(`CREATE TABLE purses (id integer PRIMARY KEY, amount bigint NOT NULL CHECK (amount >= 0))`);
  await database.query(`CREATE TABLE entries (purse_id integer REFERENCES purses DEFERRABLE INITIALLY DEFERRED)`);
  await database.query(`INSERT INTO purses VALUES (1, 0), (2, 0)`);
  await database.query(`GRANT SELECT, UPDATE ON purses TO purser_app; GRANT SELECT, INSERT ON entries TO purser_app`);
  const places = { DATABASE_URL: database.databaseUrl, REDIS_URL: 'redis://127.0.0.1:6379' };
  const limits = { DATABASE_POOL_MAX: '1', DATABASE_QUERY_TIMEOUT_MS: String(QUERY_TIMEOUT_MS) };
  dataSource = await new DataSource(
    dataSourceOptions(testConfig({ APP_ENV: 'test', ...places, ...limits })),
  ).initialize();
  transactions = new Transactions(dataSource);
});

afterAll(async () => {
  await dataSource?.destroy();
  await database?.drop();
});

/** PostgreSQL says once in every round trip that it is ready. */
async function countRoundTrips(): Promise<void> {
  const runner = dataSource.createQueryRunner();
  const client = (await runner.connect()) as pg.PoolClient & { connection: pg.Connection };
  await runner.release();
  if (isFirst) client.connection.on('readyForQuery', () => (roundTrips += 1));
  isFirst = false;
}

/** All statements once, and a transaction, so that the only connection knows them. */
beforeEach(async () => {
  await database.query(`UPDATE purses SET amount = 0`);
  for (const sql of [ADD, TAKE_FROM_OTHER, ...(isFirst ? [FORGOTTEN] : [])]) await dataSource.query(sql, [0]);
  await dataSource.query(ENTER, [1]);
  await transactions.run((tx) => tx.query('SELECT 1'));
  await dataSource.query(SLEEP, [0]);
  await countRoundTrips();
  await database.query(`DELETE FROM entries`);
  roundTrips = 0;
});

afterEach(async () => {
  // Whatever happened, the connection is free and outside of any transaction.
  const [row] = await dataSource.query<{ isAlone: boolean }[]>(`SELECT now() = statement_timestamp() AS "isAlone"`);
  expect(row).toEqual({ isAlone: true });
});

async function purses(): Promise<number[]> {
  const rows = await database.query<{ amount: string }>(`SELECT amount::text FROM purses ORDER BY id`);
  return rows.map(({ amount }) => Number(amount));
}

it('a transaction of two known statements is two round trips, and its rows are as ever', async () => {
  const before = roundTrips;
  const rows = await transactions.run(async (tx) => [await rowOf(tx, ADD, [MUCH]), await lastRowOf(tx, ADD, [1])]);
  expect(roundTrips - before).toBe(2);
  expect(rows).toEqual([{ amount: MUCH }, { amount: MUCH + 1 }]);
  expect(await purses()).toEqual([MUCH + 1, 0]);
});

it('one that does not name its last statement commits by itself; one without statements asks nothing', async () => {
  await transactions.run((tx) => rowOf(tx, ADD, [7]));
  expect(roundTrips).toBe(2);
  await transactions.run(() => Promise.resolve());
  expect(roundTrips).toBe(2);
  expect(await purses()).toEqual([7, 0]);
});

it('one whose first and only statement is its last is one round trip', async () => {
  expect(await transactions.run((tx) => lastRowOf(tx, ADD, [7]))).toEqual({ amount: 7 });
  expect(roundTrips).toBe(1);
  expect(await purses()).toEqual([7, 0]);
});

it('statements that the connection does not know are framed one by one, and count as well', async () => {
  const unknown = `UPDATE purses SET amount = amount + $1 WHERE id = 1 RETURNING amount`.toLowerCase();
  const add = prepared('frames.unknown', unknown);
  expect(await transactions.run((tx) => lastRowOf(tx, add, [3]))).toEqual({ amount: 3 });
  expect(roundTrips).toBe(3);
  expect(await transactions.run((tx) => tx.query(`SELECT sum(amount)::integer AS sum FROM purses`))).toEqual([
    { sum: 3 },
  ]);
});

it.each([
  { what: 'the last statement', sql: TAKE_FROM_OTHER, parameters: [1], code: '23514' },
  { what: 'what is looked at when it commits', sql: ENTER, parameters: [99], code: '23503' },
  { what: 'a parameter that cannot be written', sql: FORGOTTEN, parameters: [circle()], code: undefined },
])('$what fails: nothing of it is left', async ({ sql, parameters, code }) => {
  const outcome = transactions.run(async (tx) => {
    await rowOf(tx, ADD, [7]);
    await lastRowOf(tx, sql, parameters);
  });
  const error: unknown = await outcome.then(
    () => 'committed',
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Error);
  expect(postgresCode(error)).toBe(code);
  expect(await purses()).toEqual([0, 0]);
  expect(await database.query(`SELECT 1 FROM entries`)).toEqual([]);
});

it('work that fails between two statements leaves nothing', async () => {
  const work = transactions.run(async (tx) => {
    await rowOf(tx, ADD, [7]);
    throw new Error('changed my mind');
  });
  await expect(work).rejects.toThrow('changed my mind');
  expect(await purses()).toEqual([0, 0]);
});

it('a statement behind the last is refused', async () => {
  const work = transactions.run(async (tx) => {
    await lastRowOf(tx, ADD, [7]);
    await tx.query(`SELECT 1`);
  });
  await expect(work).rejects.toThrow('behind the last');
  expect(await purses()).toEqual([7, 0]);
});

it('a server that says nothing any more is left, with its transaction', async () => {
  const started = transactions.run(async (tx) => {
    await rowOf(tx, ADD, [7]);
    await lastRowOf(tx, SLEEP, [QUERY_TIMEOUT_MS / 250]);
  });
  await expect(started).rejects.toThrow('Query read timeout');
  expect(await dataSource.query(`SELECT 1 AS one`)).toEqual([{ one: 1 }]);
});

/** Something JSON cannot tell. */
function circle(): object {
  const self: { self?: object } = {};
  self.self = self;
  return self;
}
