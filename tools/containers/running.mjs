import path from 'node:path';
import { createDatabase, rolePasswords } from '../local/database.mjs';
import { localSecrets, productEnvironment, sandboxEnvironment, seededLogins } from '../local/environment.mjs';
import { startPostgres, wipePostgres } from '../local/postgres.mjs';
import { startRedis, wipeRedis } from '../local/redis.mjs';
import { choosePorts } from '../local/support/ports.mjs';
import { run, until } from '../local/support/processes.mjs';
import { step } from '../local/support/steps.mjs';
import { purchase } from '../local/table.mjs';
import { Container } from './container.mjs';

/** @typedef {import('./contents.mjs').Finding} Finding */

/** What the orchestrator gives a process between SIGTERM and SIGKILL; docker-compose.yml says the same. */
const GRACE_S = 30;
const PATIENCE_MS = 60_000;

/**
 * Runs the images as they are meant to be run, on a PostgreSQL and a Redis that are no containers: migrates, seeds, sells
 * something, and ends.
 * @param {import('./engine.mjs').Engine} engine @param {{ runtime: string, sandbox: string }} images @param {string} root
 * @returns {Promise<Finding[]>}
 */
export async function checkRunning(engine, images, root) {
  const stateDir = path.join(engine.folder, 'servers');
  const wipe = () => Promise.all([wipePostgres(stateDir), wipeRedis(stateDir)]);
  await wipe();
  /** @type {Container[]} */
  const containers = [];
  try {
    const shop = await step('Servers', () => openServers(stateDir, root));
    const of = (
      /** @type {string} */ name,
      /** @type {Record<string, string | undefined>} */ env,
      image = images.runtime,
    ) => {
      const container = new Container(engine, { name, image, env });
      containers.push(container);
      return container;
    };
    const tasks = await tasksOf(of, shop.product);
    const sandbox = of('sandbox', shop.sandbox, images.sandbox);
    const web = of('web', { ...shop.product, APP_MODE: 'web', PORT: String(shop.webPort) });
    const worker = of('worker', { ...shop.product, APP_MODE: 'worker', PORT: String(shop.workerPort) });
    const running = [sandbox, web, worker];
    await step('Starting', () => Promise.all(running.map((one) => one.start())));
    return [
      ...tasks,
      ...(await step('Health', () => healthOf(running, shop))),
      ...(await step('Confinement', () => confinementOf(web))),
      await step('A purchase', () => sells(shop)),
      ...(await step('SIGTERM', () => Promise.all(running.map((one) => endOf(one))))),
    ];
  } finally {
    await Promise.all(containers.map((one) => one.remove()));
    await wipe();
  }
}

/**
 * @param {(name: string, env: Record<string, string | undefined>) => Container} of
 * @param {Record<string, string | undefined>} product @returns {Promise<Finding[]>}
 */
async function tasksOf(of, product) {
  const { DATABASE_URL, REDIS_URL } = product;
  const refused = await of('refused', { DATABASE_URL, REDIS_URL }).task();
  const migrated = await step('Migrating', () => of('migrate', { ...product, APP_MODE: 'migrate' }).task());
  const seeded = await step('Seeding', () => of('seed', { ...product, APP_MODE: 'seed' }).task());
  const named = /JWT_SECRET.*/.exec(refused.output)?.[0] ?? '';
  return [
    { what: 'as it comes, it refuses stand-in secrets', holds: refused.code === 1 && named !== '', seen: named },
    { what: 'migrates', holds: migrated.code === 0, seen: firstLine(migrated.output) },
    { what: 'seeds', holds: seeded.code === 0, seen: firstLine(seeded.output) },
  ];
}

/** @param {string} stateDir @param {string} root */
async function openServers(stateDir, root) {
  const postgres = await startPostgres({ stateDir, projectRoot: root, durable: false });
  const redis = await startRedis({ stateDir, projectRoot: root, durable: false });
  const urls = await createDatabase({
    superuserUrl: postgres.superuserUrl,
    name: 'purser',
    ...rolePasswords(stateDir),
  });
  const [webPort = 0, workerPort = 0, sandboxPort = 0] = await choosePorts({
    from: 39_000,
    count: 3,
    taken: new Set(),
  });
  const [api, sandbox] = [webPort, sandboxPort].map((port) => `http://127.0.0.1:${port}`);
  const secrets = localSecrets(stateDir);
  const given = {};
  const product = productEnvironment({ given, ...urls, redisUrl: redis.url, api, sandbox, secrets });
  const webhookSecret = secrets.STRIPE_WEBHOOK_SECRET;
  return {
    api,
    sandboxUrl: sandbox,
    webPort,
    workerPort,
    // As an orchestrator runs it: it goes on serving while the load balancer notices.
    product: { ...product, SHUTDOWN_DRAIN_MS: '10000' },
    sandbox: {
      ...sandboxEnvironment({ given, port: sandboxPort, dataDir: '/data', api, webhookSecret }),
      SANDBOX_HOST: '127.0.0.1',
    },
    logins: seededLogins(given),
  };
}

/** @param {Container[]} containers @param {{ api: string, workerPort: number }} shop @returns {Promise<Finding[]>} */
async function healthOf(containers, { api, workerPort }) {
  const findings = [];
  for (const one of containers) {
    const healthy = await until(() => one.isHealthy(), PATIENCE_MS, 500);
    findings.push({
      what: `${one.name}: its health check says yes`,
      holds: Boolean(healthy),
      seen: healthy ? 'healthy' : await one.lastLines(),
    });
  }
  const [, web] = containers;
  const mistaken = await web?.node(['dist/src/healthcheck.js'], { PORT: '1' });
  findings.push({
    what: 'web: the check says no where nobody listens',
    holds: mistaken?.code === 1,
    seen: `exit code ${mistaken?.code}`,
  });
  for (const [name, url] of [
    ['web', api],
    ['worker', `http://127.0.0.1:${workerPort}`],
  ]) {
    const ready = await until(async () => (await statusOf(`${url}/health/ready`)) === 200, PATIENCE_MS, 500);
    findings.push({
      what: `${name}: /health/ready`,
      holds: Boolean(ready),
      seen: ready ? '200' : String(await statusOf(`${url}/health/ready`)),
    });
  }
  return findings;
}

/** @param {Container} web @returns {Promise<Finding[]>} */
async function confinementOf(web) {
  const write = (/** @type {string} */ file) => web.node(['-e', `require('fs').writeFileSync('${file}', '')`]);
  const who = await web.node(['-p', 'process.getuid() + ":" + process.getgid()']);
  const status = await web.node([
    '-p',
    `require('fs').readFileSync('/proc/self/status', 'utf8').match(/^(CapEff|NoNewPrivs):.*$/gm).join(' ').replace(/\\s+/g, ' ')`,
  ]);
  const refusals = await Promise.all(['/app/x', '/x'].map(write));
  const temporary = await write('/tmp/x');
  return [
    { what: 'web: is not root', holds: who.output === '65532:65532', seen: who.output },
    {
      what: 'web: has no capability and can gain none',
      holds: /CapEff: 0+ NoNewPrivs: 1|NoNewPrivs: 1 CapEff: 0+$/.test(status.output),
      seen: status.output,
    },
    {
      what: 'web: its file system is read-only',
      holds: refusals.every(({ code, output }) => code === 1 && /EROFS/.test(output)),
      seen: refusals.map(({ output }) => /E[A-Z]+/.exec(output)?.[0]).join(', '),
    },
    { what: 'web: /tmp is not', holds: temporary.code === 0, seen: `exit code ${temporary.code}` },
  ];
}

/** @param {{ api: string, sandboxUrl: string, logins: { role: string, email: string, password: string }[] }} shop @returns {Promise<Finding>} */
async function sells({ api, sandboxUrl, logins }) {
  const what = 'web sells, the worker sends the receipt';
  const script = purchase(/** @type {import('../local/stack-file.mjs').Stack} */ ({ api, logins }));
  const { code, output } = await run('bash', ['-euo', 'pipefail', '-c', script.join('\n')]);
  if (code !== 0) return { what, holds: false, seen: output.slice(-300) };
  const receipt = await until(
    async () => /receipt/i.test(await textOf(`${sandboxUrl}/_sandbox/messages`)),
    PATIENCE_MS,
    500,
  );
  const completed = /"status":"completed"/.test(output);
  return {
    what,
    holds: completed && Boolean(receipt),
    seen: `order ${completed ? 'completed' : 'not completed'}, receipt ${receipt ? 'sent' : 'missing'}`,
  };
}

/** @param {Container} container @returns {Promise<Finding>} */
async function endOf(container) {
  const { exitCode, seconds } = await container.stop(GRACE_S);
  const holds = exitCode === 0 && seconds < GRACE_S;
  return {
    what: `${container.name}: ends by itself after SIGTERM within ${GRACE_S} s`,
    holds,
    seen: `exit code ${exitCode} after ${seconds.toFixed(1)} s`,
  };
}

/** @param {string} url */
async function statusOf(url) {
  return (await fetch(url).catch(() => undefined))?.status;
}

/** @param {string} url */
async function textOf(url) {
  return (await fetch(url)).text();
}

/** @param {string} text */
function firstLine(text) {
  return text.split('\n')[0]?.slice(0, 100) ?? '';
}
