import { readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';

/** What the test command prepares before any test runs: servers of its own, and a migrated database to copy. */
export interface Harness {
  readonly superuserUrl: string;
  readonly templateDatabase: string;
  readonly redisUrl: string;
  readonly appPassword: string;
  readonly migratorPassword: string;
  /** The Node that runs the product. */
  readonly node: string;
  readonly stateDir: string;
  /** Where PgBouncer stands in front of the server; only `npm run test:pgbouncer` has one. */
  readonly poolerUrl: string | undefined;
  /** Which of jest's workers this is, from 1: they share the servers. */
  readonly worker: number;
}

/** @throws when the tests were not started by the test command */
export function harness(): Harness {
  return {
    superuserUrl: prepared('TEST_SUPERUSER_URL'),
    templateDatabase: prepared('TEST_TEMPLATE_DATABASE'),
    redisUrl: prepared('TEST_REDIS_URL'),
    appPassword: prepared('TEST_APP_PASSWORD'),
    migratorPassword: prepared('TEST_MIGRATOR_PASSWORD'),
    node: prepared('TEST_NODE'),
    stateDir: prepared('TEST_STATE_DIR'),
    poolerUrl: process.env.TEST_POOLER_URL,
    worker: Number(process.env.JEST_WORKER_ID ?? 1),
  };
}

/** @throws when the tests were not started by the test command */
export function prepared(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run the tests with \`npm test -- <file>\``);
  return value;
}

/** Tests create, drop and kill; so they ask the server whose data it serves before they touch anything. */
export async function refuseForeignServer(client: pg.Client, { stateDir }: Harness): Promise<void> {
  const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory');
  const state = JSON.parse(readFileSync(join(stateDir, 'state.json'), 'utf8')) as { postgresData?: string };
  const served = rows[0]?.data_directory ?? '';
  if (!state.postgresData || realpathSync(state.postgresData) !== served) {
    throw new Error(`The database server serves ${served}, which is not the test command's own: refused.`);
  }
}
