import fs from 'node:fs';
import path from 'node:path';
import { build } from '../build.mjs';
import { readOptions } from '../support/options.mjs';
import { prepare } from './prepare.mjs';
import { openServices } from '../services.mjs';
import { endLeftovers, environmentFor, launchStack, plannedPorts, portsFor, runningStack } from '../stack.mjs';
import { logFile } from '../stack-file.mjs';
import { isHealthy } from '../supervisor.mjs';
import { withLock } from '../support/files.mjs';
import { isAlive, spawnToFile, until } from '../support/processes.mjs';
import { Failure, say, step } from '../support/steps.mjs';
import { printTable } from '../table.mjs';
import { runTask } from '../task.mjs';

const READY_LIMIT_MS = 20_000;
const DETACHED_LIMIT_MS = 120_000;
const SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);

/** Starts everything; a second start shows what already runs. @param {import('../services.mjs').Context} context @param {string[]} args */
export async function start(context, args) {
  const { flags, counts } = readOptions(args, { flags: ['detach', 'install'], counts: { web: 1, workers: 1 } });
  fs.mkdirSync(context.stateDir, { recursive: true });
  const lock = path.join(context.stateDir, 'start.lock');
  const wait = (/** @type {number} */ pid) => say(`  … process ${pid} is starting this folder's stack, waiting`);
  const begun = await withLock(lock, wait, async () => {
    if (runningStack(context.stateDir)) return undefined;
    say('Purser starts.\n');
    const ready = await bringUp(context, { mayInstall: flags.has('install') });
    return flags.has('detach') ? detached(ready, counts) : attached(ready, counts);
  });
  if (!begun) return showRunning(context);
  printTable(begun.stack, context);
  if (flags.has('detach')) say('It runs in the background. npm run stop ends it.');
  else say('Ctrl-C ends it.');
  return begun.ended;
}

/** The background half of `start --detach`: what the command in front prepared is found and run. @param {import('../services.mjs').Context} context @param {string[]} args */
export async function supervise(context, args) {
  const { counts } = readOptions(args, { counts: { web: 1, workers: 1 } });
  const ready = await prepare(context, { withBuild: false });
  const { ended } = await attached({ context: ready, services: await openServices(ready) }, counts);
  return ended;
}

/**
 * Packages, build, servers, tables and seed: everything but the programs.
 * @param {import('../services.mjs').Context} given @param {{ mayInstall?: boolean }} [options]
 */
export async function bringUp(given, { mayInstall = false } = {}) {
  await endLeftovers(given);
  const context = await prepare(given, { withBuild: false });
  // Neither needs the other, and together they are most of a first start.
  const [opened, built] = await Promise.allSettled([openServices(context, { mayInstall }), build(context)]);
  if (opened.status === 'rejected') throw opened.reason;
  const services = opened.value;
  try {
    if (built.status === 'rejected') throw built.reason;
    const env = environmentFor(context, services, plannedPorts(context.stateDir));
    await step('Migrating', () => runTask(context, 'migrate', env));
    await step('Seeding', () => runTask(context, 'seed', env));
  } catch (error) {
    await services.closeStarted();
    throw error;
  }
  return { context, services };
}

/**
 * Runs the programs under this process. `ended` is fulfilled with the exit code after a signal.
 * @param {Awaited<ReturnType<typeof bringUp>>} ready @param {Record<string, number>} counts
 */
export async function attached({ context, services }, counts) {
  const ports = await portsFor(context, { web: counts.web ?? 1, workers: counts.workers ?? 1 });
  const report = (/** @type {string} */ text) => say(`  ! ${new Date().toISOString()} ${text}`);
  const launched = await launchStack(context, { services, ports, report });
  const { ended, stopping } = endOnSignal(launched.stop);
  try {
    const stack = await step('Starting', () => launched.start());
    return { stack, ended, restartProduct: launched.restartProduct };
  } catch (error) {
    if (stopping()) process.exit(await ended);
    await launched.stop();
    throw error;
  }
}

/** Ends the stack once, on the first signal; npm and the terminal may both send one. @param {() => Promise<void>} stop */
function endOnSignal(stop) {
  let stopping = false;
  /** @type {Promise<number>} */
  const ended = new Promise((resolve) => {
    const end = async () => {
      if (stopping) return;
      stopping = true;
      say('\nEnding …');
      await stop();
      say('Ended.');
      resolve(0);
    };
    for (const signal of SIGNALS) process.on(signal, () => void end());
  });
  return { ended, stopping: () => stopping };
}

/** @param {Awaited<ReturnType<typeof bringUp>>} ready @param {Record<string, number>} counts */
async function detached({ context, services }, counts) {
  const log = logFile(context.stateDir, 'supervisor');
  const flags = Object.entries(counts).map(([name, value]) => `--${name}=${value}`);
  const stack = await step('Starting', async () => {
    const child = spawnToFile(process.execPath, [context.cli, 'supervise', ...flags], {
      cwd: context.root,
      logFile: log,
      newLog: true,
    });
    const found = await until(() => runningStack(context.stateDir) ?? !isAlive(child.pid), DETACHED_LIMIT_MS, 50);
    if (found && found !== true) return found;
    await services.closeStarted();
    throw new Failure('The background process did not get everything ready.', { details: failureIn(log) });
  });
  return { stack, ended: Promise.resolve(0) };
}

/** What a background process said last: its steps, an empty line, the failure. @param {string} log */
function failureIn(log) {
  const said = fs.readFileSync(log, 'utf8');
  return said.slice(said.indexOf('\n\n') + 1);
}

/** @param {import('../services.mjs').Context} context */
async function showRunning(context) {
  const stack = runningStack(context.stateDir);
  if (!stack) throw new Failure('It ended while we waited for it.', { mend: 'npm start' });
  const ready = await until(() => isHealthy(`${stack.api}/health/ready`), READY_LIMIT_MS, 250);
  if (!ready) {
    throw new Failure(
      `It runs already (process ${stack.supervisor}), but ${stack.api}/health/ready does not answer 200.`,
      {
        log: stack.logs.web,
        mend: 'npm run doctor   (or npm run stop, and start again)',
      },
    );
  }
  say(`It runs already (process ${stack.supervisor}); npm run stop ends it.`);
  printTable(stack, context);
  return 0;
}
