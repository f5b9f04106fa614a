import fs from 'node:fs';
import path from 'node:path';
import { APP_ROLE, MIGRATOR_ROLE, withClient } from '../database.mjs';
import { startPgbouncer } from '../pgbouncer.mjs';
import { step } from '../support/steps.mjs';
import { prepare } from './prepare.mjs';
import { runProject } from './test-runners.mjs';
import { openTestServers } from './test-servers.mjs';
import { inSlot } from './test.mjs';

/** The stories, and then what may not have happened while they ran. */
const PROJECTS = [
  { name: 'e2e', folder: 'test/e2e', inBand: true },
  { name: 'resilience', folder: 'test/resilience', inBand: true },
  { name: 'pgbouncer', folder: 'test/pgbouncer', inBand: true },
];

/** What the product asks for when it connects, which an old PgBouncer refuses: the roles bring it along. In the README, too. */
const ROLE_LIMITS = { statement_timeout: '3500ms', lock_timeout: '1050ms', idle_in_transaction_session_timeout: '10s' };

/**
 * Runs the e2e suite with PgBouncer between the product and PostgreSQL, then looks at what was left behind.
 * @param {import('../services.mjs').Context} given @param {string[]} rest
 */
export function testPgbouncer(given, rest) {
  return inSlot(given, async (stateDir, rows) => {
    const context = await prepare(given);
    // What an earlier run's controls provoked must not be found again.
    fs.rmSync(path.join(stateDir, 'logs'), { recursive: true, force: true });
    const servers = await openTestServers(context, stateDir);
    try {
      const pooler = await step('PgBouncer', (note) => openPooler(context.root, stateDir, servers.env, note));
      try {
        const env = { ...process.env, ...servers.env, TEST_POOLER_URL: pooler.url };
        for (const project of PROJECTS) {
          if (servers.interrupted()) break;
          const row = await runProject({ root: context.root, stateDir, env, rest, paths: [] }, project);
          if (row) rows.push(row);
        }
      } finally {
        await pooler.stop();
      }
    } finally {
      await servers.close();
    }
  });
}

/** @param {string} projectRoot @param {string} stateDir @param {Record<string, string>} servers @param {(text: string) => void} note */
async function openPooler(projectRoot, stateDir, servers, note) {
  const { TEST_SUPERUSER_URL: superuserUrl, TEST_DATA_DIRECTORY: data } = servers;
  await withClient(superuserUrl, async (client) => {
    for (const [name, value] of Object.entries(ROLE_LIMITS)) {
      await client.query(`ALTER ROLE ${APP_ROLE} SET ${name} = '${value}'`);
    }
  });
  const pooler = await startPgbouncer({
    stateDir,
    projectRoot,
    postgres: { port: new URL(superuserUrl).port, data },
    logins: { [APP_ROLE]: servers.TEST_APP_PASSWORD, [MIGRATOR_ROLE]: servers.TEST_MIGRATOR_PASSWORD },
    admin: APP_ROLE,
  });
  note(`${pooler.version} on port ${new URL(pooler.url).port}`);
  return pooler;
}
