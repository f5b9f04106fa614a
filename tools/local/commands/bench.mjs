import path from 'node:path';
import { createDatabase, dropDatabase, rolePasswords } from '../database.mjs';
import { seededLogins } from '../environment.mjs';
import { postgresLog, startPostgres } from '../postgres.mjs';
import { prepare } from './prepare.mjs';
import { startRedis } from '../redis.mjs';
import { runToEnd } from '../support/processes.mjs';
import { step } from '../support/steps.mjs';
import { NODE_FLAGS, runTask } from '../task.mjs';

const FIRST_POSTGRES_PORT = 54_529;
const FIRST_REDIS_PORT = 63_999;
const DATABASE = 'purser_bench';

/** Measures on a PostgreSQL (durable, as in production) and a Redis of its own. @param {import('../services.mjs').Context} given @param {string[]} args */
export async function bench(given, args) {
  const context = await prepare(given);
  const stateDir = path.join(context.stateDir, 'bench');
  const { root: projectRoot, root } = context;
  const postgres = await step('PostgreSQL', () =>
    startPostgres({ stateDir, projectRoot, firstPort: FIRST_POSTGRES_PORT }),
  );
  const redis = await step('Redis', () => startRedis({ stateDir, projectRoot, firstPort: FIRST_REDIS_PORT }));
  try {
    const env = await step('Database', () => freshShop({ ...context, stateDir }, postgres, redis.url));
    const main = path.join(root, 'dist', 'tools', 'bench', 'main.js');
    return await runToEnd(context.node, [main, ...args], { cwd: root, env: { ...process.env, ...env } });
  } finally {
    await Promise.all([postgres.stop(), redis.stop()]);
  }
}

/**
 * A migrated and seeded database, new every time: what earlier runs left would slow this one down. Answers the bench's environment.
 * @param {{ root: string, stateDir: string, node: string, given: NodeJS.ProcessEnv }} where
 * @param {import('../postgres.mjs').Postgres} postgres @param {string} redisUrl
 */
async function freshShop({ root, stateDir, node, given }, { superuserUrl }, redisUrl) {
  await dropDatabase({ superuserUrl, name: DATABASE });
  const { databaseUrl, migratorUrl } = await createDatabase({
    superuserUrl,
    name: DATABASE,
    ...rolePasswords(stateDir),
  });
  const customer = seededLogins(given).find(({ role }) => role === 'user');
  const task = {
    ...process.env,
    APP_ENV: 'local',
    DATABASE_URL: databaseUrl,
    DATABASE_MIGRATOR_URL: migratorUrl,
    REDIS_URL: redisUrl,
    SEED_PASSWORD: customer?.password,
  };
  await runTask({ root, stateDir, node }, 'migrate', task);
  await runTask({ root, stateDir, node }, 'seed', task);
  const inDatabase = new URL(superuserUrl);
  inDatabase.pathname = `/${DATABASE}`;
  return {
    BENCH_DATABASE_URL: databaseUrl,
    BENCH_SUPERUSER_URL: inDatabase.toString(),
    BENCH_REDIS_URL: redisUrl,
    BENCH_POSTGRES_LOG: postgresLog(stateDir),
    BENCH_LOGIN_EMAIL: customer?.email,
    BENCH_LOGIN_PASSWORD: customer?.password,
    BENCH_NODE: node,
    BENCH_NODE_FLAGS: NODE_FLAGS.join(' '),
    BENCH_STATE_DIR: stateDir,
  };
}
