import fs from 'node:fs';
import path from 'node:path';
import { createDatabase, rolePasswords } from '../database.mjs';
import { startPostgres, wipePostgres } from '../postgres.mjs';
import { startRedis, wipeRedis } from '../redis.mjs';
import { step } from '../support/steps.mjs';
import { runTask } from '../task.mjs';

const FIRST_POSTGRES_PORT = 54_429;
const FIRST_REDIS_PORT = 63_899;
const TEMPLATE = 'purser_template';

/**
 * An empty PostgreSQL and Redis for one run of the tests, with a migrated database that each test file copies.
 * What an earlier run left is wiped; `close` leaves only the logs.
 * @param {import('../services.mjs').Context & { node: string }} context @param {string} stateDir
 */
export async function openTestServers({ root: projectRoot, node }, stateDir) {
  const wipe = () => Promise.all([wipePostgres(stateDir), wipeRedis(stateDir)]);
  const interrupt = listenForInterrupt();
  try {
    await wipe();
    const shared = { stateDir, projectRoot, durable: false };
    const postgres = await step('PostgreSQL', () => startPostgres({ ...shared, firstPort: FIRST_POSTGRES_PORT }));
    const redis = await step('Redis', () => startRedis({ ...shared, firstPort: FIRST_REDIS_PORT }));
    const passwords = rolePasswords(stateDir);
    const { superuserUrl } = postgres;
    await step('Template database', async () => {
      const urls = await createDatabase({ superuserUrl, name: TEMPLATE, ...passwords });
      await runTask({ root: projectRoot, stateDir, node }, 'migrate', taskEnvironment(urls, redis.url));
    });
    const env = {
      TEST_SUPERUSER_URL: superuserUrl,
      TEST_TEMPLATE_DATABASE: TEMPLATE,
      TEST_REDIS_URL: redis.url,
      TEST_APP_PASSWORD: passwords.appPassword,
      TEST_MIGRATOR_PASSWORD: passwords.migratorPassword,
      TEST_NODE: node,
      TEST_STATE_DIR: stateDir,
      TEST_DATA_DIRECTORY: postgres.data,
    };
    const close = async () => {
      await wipe();
      fs.rmSync(path.join(stateDir, 'state.json'), { force: true });
      interrupt.ignore();
    };
    return { env, close, interrupted: interrupt.happened };
  } catch (error) {
    interrupt.ignore();
    await wipe();
    throw error;
  }
}

/** @param {{ databaseUrl: string, migratorUrl: string }} urls @param {string} redisUrl */
function taskEnvironment({ databaseUrl, migratorUrl }, redisUrl) {
  const env = { ...process.env, APP_ENV: 'test', DATABASE_URL: databaseUrl, DATABASE_MIGRATOR_URL: migratorUrl };
  return { ...env, REDIS_URL: redisUrl };
}

/** Ctrl-C reaches jest by itself; we only note it, so that the servers are ended in order. */
function listenForInterrupt() {
  let happened = false;
  const note = () => void (happened = true);
  process.on('SIGINT', note).on('SIGTERM', note);
  return { happened: () => happened, ignore: () => void process.off('SIGINT', note).off('SIGTERM', note) };
}
