import path from 'node:path';
import { rolePasswords } from '../database.mjs';
import { startPostgres } from '../postgres.mjs';
import { prepare } from './prepare.mjs';
import { startRedis } from '../redis.mjs';
import { runToEnd } from '../support/processes.mjs';
import { step } from '../support/steps.mjs';

const FIRST_POSTGRES_PORT = 54_529;
const FIRST_REDIS_PORT = 63_999;

/** Measures on a PostgreSQL (durable, as in production) and a Redis of its own. @param {import('../services.mjs').Context} given @param {string[]} args */
export async function bench(given, args) {
  const context = await prepare(given);
  const stateDir = path.join(context.stateDir, 'bench');
  const { root: projectRoot, root } = context;
  const postgres = await step('PostgreSQL', () =>
    startPostgres({ stateDir, projectRoot, firstPort: FIRST_POSTGRES_PORT }),
  );
  const redis = await step('Redis', () => startRedis({ stateDir, projectRoot, firstPort: FIRST_REDIS_PORT }));
  const { appPassword, migratorPassword } = rolePasswords(stateDir);
  const env = {
    ...process.env,
    BENCH_SUPERUSER_URL: postgres.superuserUrl,
    BENCH_REDIS_URL: redis.url,
    BENCH_APP_PASSWORD: appPassword,
    BENCH_MIGRATOR_PASSWORD: migratorPassword,
    BENCH_NODE: context.node,
    BENCH_STATE_DIR: stateDir,
    BENCH_DATA_DIRECTORY: postgres.data,
  };
  try {
    return await runToEnd(context.node, [path.join(root, 'dist', 'tools', 'bench', 'main.js'), ...args], {
      cwd: root,
      env,
    });
  } finally {
    await Promise.all([postgres.stop(), redis.stop()]);
  }
}
