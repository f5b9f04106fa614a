import path from 'node:path';
import { runningPostgres } from '../postgres.mjs';
import { runningRedis } from '../redis.mjs';
import { endLeftovers, runningStack, supervisorLock } from '../stack.mjs';
import { lockHolder } from '../support/files.mjs';
import { terminate } from '../support/processes.mjs';
import { say, step } from '../support/steps.mjs';

/** Programs get 30 s to end in peace, one kind after the other, then the servers. */
const STOP_LIMIT_MS = 75_000;

/** Ends everything this folder runs; nothing running is fine. @param {import('../services.mjs').Context} context */
export async function stop(context) {
  const ended = await endStack(context);
  if (!ended) say('Nothing of this folder was running.');
  return 0;
}

/** Whether anything ran. @param {import('../services.mjs').Context} context */
export async function endStack(context) {
  const { stateDir } = context;
  const launchers = [supervisorLock(stateDir), path.join(stateDir, 'start.lock')].map(lockHolder).filter((pid) => pid);
  const isUp = launchers.length > 0 || runningStack(stateDir) !== undefined;
  if (isUp) await step('Ending', () => Promise.all(launchers.map((pid) => terminate(pid, { graceMs: STOP_LIMIT_MS }))));
  await endLeftovers(context);
  const servers = [await quietly(runningPostgres, stateDir), await quietly(runningRedis, stateDir)];
  await Promise.all(servers.map((server) => server?.stop()));
  return isUp || servers.some(Boolean);
}

/** Before the packages are installed there is no client to ask with, and nothing that could run. @template T @param {(stateDir: string) => Promise<T>} find @param {string} stateDir */
async function quietly(find, stateDir) {
  try {
    return await find(stateDir);
  } catch {
    return undefined;
  }
}
