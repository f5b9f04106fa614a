import { spawn } from 'node:child_process';
import path from 'node:path';
import { rolePasswords } from '../database.mjs';
import { startPostgres } from '../postgres.mjs';
import { prepare } from '../prepare.mjs';
import { startRedis } from '../redis.mjs';
import { Failure, step } from '../support/steps.mjs';

const FIRST_POSTGRES_PORT = 54_529;
const FIRST_REDIS_PORT = 63_999;

/** Measures on a PostgreSQL (durable, as in production) and a Redis of its own. @param {import('../services.mjs').Context} given @param {string[]} args */
export async function bench(given, args) {
  const context = await prepare(given);
  const stateDir = path.join(context.stateDir, 'bench');
  const { root: projectRoot, root } = context;
  const postgres = await step('PostgreSQL', () => startPostgres({ stateDir, projectRoot, firstPort: FIRST_POSTGRES_PORT }));
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
  };
  try {
    return await runToEnd(context.node, [path.join(root, 'dist', 'tools', 'bench', 'main.js'), ...args], { cwd: root, env });
  } finally {
    await Promise.all([postgres.stop(), redis.stop()]);
  }
}

/**
 * Runs a program with our terminal. On Ctrl-C the terminal tells it too; we wait for it, so that what we started is ended.
 * @param {string} command @param {string[]} args @param {import('node:child_process').SpawnOptions} options
 * @returns {Promise<number>}
 */
export function runToEnd(command, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: 'inherit' });
    const pass = () => void child.kill('SIGTERM');
    const wait = () => {};
    process.on('SIGINT', wait).on('SIGTERM', pass);
    child.once('error', (cause) => reject(new Failure(`${path.basename(command)} could not be run.`, { cause, mend: 'npm run doctor' })));
    child.once('exit', (code) => {
      process.off('SIGINT', wait).off('SIGTERM', pass);
      resolve(code ?? 1);
    });
  });
}
