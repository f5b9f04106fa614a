import path from 'node:path';
import { productEnvironment, sandboxEnvironment, localSecrets, seededLogins } from './environment.mjs';
import { startPostgres } from './postgres.mjs';
import { startRedis } from './redis.mjs';
import { logFile, readStack, readState, removeStack, updateState, writeStack } from './stack-file.mjs';
import { createSupervisor } from './supervisor.mjs';
import { lockHolder, tryLock } from './support/files.mjs';
import { choosePorts } from './support/ports.mjs';
import { commandLineOf, isAlive, terminate } from './support/processes.mjs';
import { Failure } from './support/steps.mjs';
import { NODE_FLAGS, PRODUCT, SANDBOX } from './task.mjs';

const FIRST_WEB_PORT = 3_000;
const FIRST_WORKER_PORT = 3_100;
const FIRST_SANDBOX_PORT = 4_010;

/**
 * @typedef {import('./services.mjs').Context} Context
 * @typedef {import('./services.mjs').Services} Services
 * @typedef {{ web: number, workers: number }} Counts
 * @typedef {{ web: number[], worker: number[], sandbox: number }} Ports
 */

/** The stack of this folder while its supervisor lives. @param {string} stateDir */
export function runningStack(stateDir) {
  const stack = readStack(stateDir);
  return stack && lockHolder(supervisorLock(stateDir)) === stack.supervisor ? stack : undefined;
}

/** Held by the process that supervises this folder's stack. @param {string} stateDir */
export function supervisorLock(stateDir) {
  return path.join(stateDir, 'supervisor.lock');
}

/** A port for every program: as last time where still free. @param {Context} context @param {Counts} counts @returns {Promise<Ports>} */
export async function portsFor({ stateDir, given }, { web, workers }) {
  const known = readState(stateDir).ports ?? {};
  const taken = new Set();
  const firstWeb = Number(given.PORT) || FIRST_WEB_PORT;
  const remembered = given.PORT ? undefined : known.web;
  const ports = {
    web: await choosePorts({ from: firstWeb, count: web, remembered, taken }),
    worker: await choosePorts({ from: FIRST_WORKER_PORT, count: workers, remembered: known.worker, taken }),
    sandbox: await choosePorts({ from: FIRST_SANDBOX_PORT, count: 1, remembered: known.sandbox, taken }),
  };
  // A port asked for this once is not the one to keep.
  updateState(stateDir, { ports: given.PORT ? { ...ports, web: known.web } : ports });
  return { ...ports, sandbox: ports.sandbox[0] ?? FIRST_SANDBOX_PORT };
}

/** The ports of last time, for a task that only has to name them. @param {string} stateDir @returns {Ports} */
export function plannedPorts(stateDir) {
  const { web = [FIRST_WEB_PORT], worker = [FIRST_WORKER_PORT], sandbox = [] } = readState(stateDir).ports ?? {};
  return { web, worker, sandbox: sandbox[0] ?? FIRST_SANDBOX_PORT };
}

/** The environment of the product in this folder. @param {Context} context @param {Services} services @param {Ports} ports */
export function environmentFor({ stateDir, given }, services, ports) {
  const { databaseUrl, migratorUrl, redisUrl } = services;
  const api = local(ports.web[0]);
  const secrets = localSecrets(stateDir);
  const origins = ports.web.flatMap((port) => [local(port), `http://localhost:${port}`]);
  const urls = { databaseUrl, migratorUrl, redisUrl, api, sandbox: local(ports.sandbox) };
  return productEnvironment({ given, ...urls, secrets, origins });
}

/** Ends programs that a supervisor left behind when it was killed. @param {Context} context */
export async function endLeftovers({ root, stateDir }) {
  const { pids } = readStack(stateDir) ?? {};
  const left = [...(pids?.web ?? []), ...(pids?.worker ?? []), pids?.sandbox ?? 0];
  const ours = left.filter((pid) => isAlive(pid) && commandLineOf(pid).includes(root));
  await Promise.all(ours.map((pid) => terminate(pid, { graceMs: 5_000 })));
  removeStack(stateDir);
}

/**
 * Starts sandbox, web and worker, waits until they are ready, writes the stack file and keeps everything running.
 * @param {Context & { node: string }} context
 * @param {{ services: Services, ports: Ports, report: (text: string) => void }} parts
 */
export async function launchStack(context, { services, ports, report }) {
  const lock = tryLock(supervisorLock(context.stateDir));
  if ('holder' in lock)
    throw new Failure(`Process ${lock.holder} already runs this folder's stack.`, { mend: 'npm run stop' });
  const env = environmentFor(context, services, ports);
  const { web, worker, sandbox } = programs(context, env, ports);
  const servers = watched(context, services);
  let written = false;
  const describe = () =>
    describeStack({ context, services, ports, env, servers, pid: supervisor.pid, names: { web, worker } });
  const onChange = () => written && writeStack(context.stateDir, describe());
  const supervisor = createSupervisor({ onChange, report });
  const stop = async () => {
    await supervisor.stop([[...web, ...worker].map(({ name }) => name), [sandbox.name]]);
    await services.close();
    removeStack(context.stateDir);
    lock.release();
  };
  const start = async () => {
    await supervisor.start([sandbox]);
    await supervisor.start([...web, ...worker]);
    supervisor.watchServices(servers);
    written = true;
    const stack = describe();
    writeStack(context.stateDir, stack);
    return stack;
  };
  const restartProduct = () => Promise.all([...web, ...worker].map(({ name }) => supervisor.restart(name)));
  return { start, stop, restartProduct };
}

/** @param {Context & { node: string }} context @param {Record<string, string | undefined>} env @param {Ports} ports */
function programs({ root, stateDir, node, given }, env, ports) {
  const program = (/** @type {string} */ name, /** @type {string} */ main, /** @type {string} */ healthUrl) => ({
    name,
    command: node,
    args: [...NODE_FLAGS, path.join(root, main)],
    cwd: root,
    logFile: logFile(stateDir, name),
    healthUrl,
  });
  const product = (/** @type {string} */ mode) => (/** @type {number} */ port, /** @type {number} */ index) => ({
    ...program(index === 0 ? mode : `${mode}-${index + 1}`, PRODUCT, `${local(port)}/health/ready`),
    env: { ...env, APP_MODE: mode, PORT: String(port) },
  });
  const dataDir = path.join(stateDir, 'sandbox');
  const webhookSecret = env.STRIPE_WEBHOOK_SECRET ?? '';
  return {
    web: ports.web.map(product('web')),
    worker: ports.worker.map(product('worker')),
    sandbox: {
      ...program('sandbox', SANDBOX, `${local(ports.sandbox)}/_sandbox/health`),
      env: sandboxEnvironment({ given, port: ports.sandbox, dataDir, api: local(ports.web[0]), webhookSecret }),
    },
  };
}

/** The servers we manage, kept running on their ports. @param {Context} context @param {Services} services */
function watched({ root, stateDir }, services) {
  const { postgres, redis } = services;
  const options = { stateDir, projectRoot: root };
  return [
    postgres && { name: 'postgres', port: postgres.port, server: postgres, again: () => startPostgres(options) },
    redis && { name: 'redis', port: redis.port, server: redis, again: () => startRedis(options) },
  ]
    .filter((entry) => entry !== undefined)
    .map(({ name, port, server, again }) => ({
      name,
      port,
      pid: () => server.pid,
      revive: async () => void Object.assign(server, await again()),
    }));
}

/**
 * @param {{ context: Context, services: Services, ports: Ports, env: Record<string, string | undefined>,
 *   servers: import('./supervisor.mjs').Service[], pid: (name: string) => number,
 *   names: { web: { name: string }[], worker: { name: string }[] } }} facts
 * @returns {import('./stack-file.mjs').Stack}
 */
function describeStack({ context, services, ports, env, servers, pid, names }) {
  const apis = ports.web.map(local);
  const workers = ports.worker.map(local);
  const sandbox = local(ports.sandbox);
  const [api = '', worker = ''] = [apis[0], workers[0]];
  const pidsOf = (/** @type {{ name: string }[]} */ programs) => programs.map(({ name }) => pid(name));
  const server = (/** @type {string} */ name) => servers.find((one) => one.name === name)?.pid() ?? null;
  const all = [...names.web, ...names.worker, { name: 'sandbox' }, ...servers, { name: 'supervisor' }];
  return {
    api,
    docs: `${api}/docs`,
    sandbox,
    mailbox: `${sandbox}/mailbox`,
    worker,
    databaseUrl: services.databaseUrl,
    redisUrl: services.redisUrl,
    logins: seededLogins(context.given),
    pids: {
      web: pidsOf(names.web),
      worker: pidsOf(names.worker),
      sandbox: pid('sandbox'),
      postgres: server('postgres'),
      redis: server('redis'),
    },
    logs: Object.fromEntries(all.map(({ name }) => [name, logFile(context.stateDir, name)])),
    stripeWebhookSecret: env.STRIPE_WEBHOOK_SECRET ?? '',
    apis,
    workers,
    supervisor: process.pid,
    migratorUrl: services.migratorUrl,
    superuserUrl: services.superuserUrl,
  };
}

/** @param {number | undefined} port */
function local(port) {
  return `http://127.0.0.1:${port}`;
}
