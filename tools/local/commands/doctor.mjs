import fs from 'node:fs';
import path from 'node:path';
import { isBuilt } from '../build.mjs';
import { isInstalled, npm } from '../install.mjs';
import { findNode } from '../node-runtime.mjs';
import { runningPostgres } from '../postgres.mjs';
import { databaseUser, findPostgres } from '../postgres-binaries.mjs';
import { findRedis, runningRedis } from '../redis.mjs';
import { readState } from '../stack-file.mjs';
import { runningStack } from '../stack.mjs';
import { isHealthy } from '../supervisor.mjs';
import { isFree } from '../support/ports.mjs';
import { isAlive, tail } from '../support/processes.mjs';
import { say } from '../support/steps.mjs';

/** A finding: what was looked at, what was found and, when that is not well, the advice. @typedef {[string, string, string?]} Finding */

/** Says what is there and what would mend what is not. Changes nothing. @param {import('../services.mjs').Context} context */
export async function doctor(context) {
  const findings = [
    ...(await tools(context)),
    ...(await servers(context)),
    ...(await programs(context)),
    ...logs(context),
  ];
  for (const [name, found, advice] of findings) {
    say(`  ${advice ? '✗' : '✓'} ${name.padEnd(18)} ${found}`);
    if (advice) say(`    ${''.padEnd(18)} → ${advice}`);
  }
  const unwell = findings.filter(([, , advice]) => advice).length;
  say(unwell === 0 ? '\nAll is well.' : `\n${unwell} to look at.`);
  return unwell === 0 ? 0 : 1;
}

/** @param {import('../services.mjs').Context} context @returns {Promise<Finding[]>} */
async function tools({ root }) {
  const installed = isInstalled(root);
  const node = await findNode(root);
  const npmVersion = (await npm(root, ['--version'])).output.trim().split('\n').at(-1) ?? '';
  const built = isBuilt(root);
  return [
    ['Platform', `${process.platform} ${process.arch}${process.getuid?.() === 0 ? ', as root' : ''}`],
    ['Node, ours', `${process.versions.node} (${process.execPath})`],
    [
      'Node, product',
      `${node.version} (${node.path})`,
      node.warning && `install Node 24; it also runs on this one (${node.warning})`,
    ],
    ['npm', npmVersion, /^\d+\./.test(npmVersion) ? undefined : 'install npm, it comes with Node'],
    [
      'Packages',
      installed ? 'as in the lock file' : 'missing, or not those of the lock file',
      installed ? undefined : 'npm start installs them (or: npm ci)',
    ],
    [
      'Build',
      built ? 'of these sources' : 'missing, or of other sources',
      built ? undefined : 'npm start builds (or: npm run build)',
    ],
  ];
}

/** @param {import('../services.mjs').Context} context @returns {Promise<Finding[]>} */
async function servers({ root, stateDir, given }) {
  return [
    given.DATABASE_URL
      ? ['PostgreSQL', 'yours (DATABASE_URL)']
      : await attempt('PostgreSQL', async () => {
          const { version, source, bin } = await findPostgres({ projectRoot: root, user: databaseUser() });
          return `${version} (${source}: ${bin})`;
        }),
    given.REDIS_URL
      ? ['Redis', 'yours (REDIS_URL)']
      : await attempt('Redis', async () => {
          const { version, source, command } = await findRedis({ projectRoot: root, mayUnpack: false });
          return `${version} (${source}: ${command})`;
        }),
    ['PostgreSQL server', await serverState(() => runningPostgres(stateDir), readState(stateDir).postgresPort)],
    ['Redis server', await serverState(() => runningRedis(stateDir), readState(stateDir).redisPort)],
  ];
}

/** @param {string} name @param {() => Promise<string>} look @returns {Promise<Finding>} */
async function attempt(name, look) {
  try {
    return [name, await look()];
  } catch (error) {
    const { message, mend } = /** @type {import('../support/steps.mjs').Failure} */ (error);
    return [name, message, mend];
  }
}

/** @param {() => Promise<{ pid: number, port: number, version: string } | undefined>} find @param {number | undefined} port */
async function serverState(find, port) {
  const server = port ? await find() : undefined;
  if (server) return `${server.version} runs on port ${server.port} (process ${server.pid})`;
  if (!port) return 'not started yet';
  return `not running; port ${port} is ${(await isFree(port)) ? 'free' : 'used by another program, so the next one is taken'}`;
}

/** @param {import('../services.mjs').Context} context @returns {Promise<Finding[]>} */
async function programs({ stateDir }) {
  const stack = runningStack(stateDir);
  if (!stack) return [['Stack', 'not running (npm start runs it)']];
  const { pids } = stack;
  const health = [
    ...stack.apis.map((url, index) => ({ name: 'web', pid: pids.web[index], url: `${url}/health/ready` })),
    ...stack.workers.map((url, index) => ({ name: 'worker', pid: pids.worker[index], url: `${url}/health/ready` })),
    { name: 'sandbox', pid: pids.sandbox, url: `${stack.sandbox}/_sandbox/health` },
  ];
  const findings = health.map(async ({ name, pid, url }) => {
    const healthy = await isHealthy(url);
    const found = `process ${pid} ${isAlive(pid) ? 'runs' : 'is gone'}; ${url} ${healthy ? 'answers 200' : 'does not answer 200'}`;
    return /** @type {Finding} */ ([name, found, healthy ? undefined : `read ${stack.logs[name]}`]);
  });
  return [['Stack', `supervised by process ${stack.supervisor}`], ...(await Promise.all(findings))];
}

/** @param {import('../services.mjs').Context} context @returns {Finding[]} */
function logs({ root, stateDir }) {
  const folder = path.join(stateDir, 'logs');
  const files = fs.existsSync(folder) ? fs.readdirSync(folder).filter((file) => file.endsWith('.log')) : [];
  return files.map((file) => {
    const [last = 'empty'] = tail(path.join(folder, file), 1);
    return [path.basename(file), `${path.relative(root, path.join(folder, file))}: ${last.slice(0, 90)}`];
  });
}
