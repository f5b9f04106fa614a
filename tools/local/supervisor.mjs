import { answers } from './support/ports.mjs';
import { isAlive, pause, spawnToFile, terminate, until } from './support/processes.mjs';
import { Failure } from './support/steps.mjs';

const READY_LIMIT_MS = 60_000;
const STOP_GRACE_MS = 30_000;
const WATCH_MS = 250;

/** Pauses before a restart; a process that keeps dying young waits longer, but never more than this. */
const RESTART_MS = 100;
const RESTART_MAX_MS = 1_500;
const YOUNG_MS = 10_000;

/**
 * @typedef {{ name: string, command: string, args: string[], env: Record<string, string | undefined>, cwd: string,
 *   logFile: string, healthUrl: string }} Program  a process that is started and, when it dies, started again
 * @typedef {{ name: string, pid: () => number, port: number, revive: () => Promise<void> }} Service  a server the launcher
 *   found or started, which is not a child of this process
 */

/**
 * Keeps programs and services running, like an orchestrator: whatever dies is started again on its own port.
 * @param {{ onChange: () => void, report: (text: string) => void }} listeners
 */
export function createSupervisor({ onChange, report }) {
  /** @type {Map<string, Supervised>} */
  const programs = new Map();
  /** @type {Service[]} */
  const services = [];
  let stopping = false;
  let watching = Promise.resolve();
  const life = { onChange, report, isStopping: () => stopping };

  const watch = async () => {
    while (!stopping) {
      for (const service of services) await reviveIfDead(service, life);
      await pause(WATCH_MS);
    }
  };

  return {
    /** Starts programs and waits until every one answers its health check. @param {Program[]} wanted */
    async start(wanted) {
      const started = wanted.map((program) => supervised(program, life));
      for (const one of started) programs.set(one.program.name, one);
      await Promise.all(started.map((one) => one.startFirst()));
    },
    /** @param {Service[]} wanted */
    watchServices(wanted) {
      services.push(...wanted);
      watching = watch();
    },
    /** @param {string} name */
    pid: (name) => programs.get(name)?.pid() ?? 0,
    /** Ends a program in peace and lets it come back, as for new code. @param {string} name */
    restart: (name) => programs.get(name)?.end(),
    /** Ends every program, in the order given; nothing is started again. @param {string[][]} order */
    async stop(order) {
      stopping = true;
      await watching; // or a server would come back behind the stop
      for (const names of order) await Promise.all(names.map((name) => programs.get(name)?.end()));
    },
  };
}

/** @typedef {ReturnType<typeof supervised>} Supervised */
/** @typedef {{ onChange: () => void, report: (text: string) => void, isStopping: () => boolean }} Life */

/** @param {Program} program @param {Life} life */
function supervised(program, life) {
  /** @type {import('node:child_process').ChildProcess | undefined} */
  let child;
  let ready = false;
  let deathsYoung = 0;

  const spawn = ({ newLog = false } = {}) => {
    const born = Date.now();
    const { command, args, env, cwd, logFile } = program;
    const current = spawnToFile(command, args, { env, cwd, logFile, newLog });
    child = current;
    let over = false;
    const ended = (/** @type {unknown} */ code, /** @type {string | null} */ signal) => {
      if (over) return;
      over = true;
      child = undefined;
      if (ready && !life.isStopping()) void again(born, signal ?? `exit code ${code}`);
    };
    current.once('exit', ended).once('error', () => ended('none', null));
  };

  const again = async (/** @type {number} */ born, /** @type {string} */ how) => {
    deathsYoung = Date.now() - born < YOUNG_MS ? deathsYoung + 1 : 0;
    await pause(Math.min(RESTART_MS * 2 ** deathsYoung, RESTART_MAX_MS));
    if (life.isStopping()) return;
    spawn();
    life.report(`${program.name} ended (${how}) and was started again (process ${child?.pid})`);
    life.onChange();
  };

  return {
    program,
    pid: () => child?.pid ?? 0,
    async startFirst() {
      spawn({ newLog: true });
      const up = await until(async () => !child || (await isHealthy(program.healthUrl)), READY_LIMIT_MS, 50);
      if (!child)
        throw new Failure(`${program.name} ended while it started.`, { log: program.logFile, mend: 'npm run doctor' });
      if (!up) throw notReady(program);
      ready = true;
    },
    async end() {
      const ending = child;
      if (!ending) return;
      await terminate(ending.pid, { graceMs: STOP_GRACE_MS });
      // The process is gone; that it ended is told a moment later.
      await until(() => child !== ending, STOP_GRACE_MS, 10);
    },
  };
}

/** @param {Program} program */
function notReady({ name, logFile, healthUrl }) {
  return new Failure(`${name} was not ready after ${READY_LIMIT_MS / 1000} s.`, {
    details: `${healthUrl} did not answer 200`,
    log: logFile,
    mend: 'npm run doctor',
  });
}

/** Only a refused connection proves a server dead: a hung one is left to whoever hung it. @param {Service} service @param {Life} life */
async function reviveIfDead(service, life) {
  if (isAlive(service.pid()) || (await answers(service.port)) || life.isStopping()) return;
  try {
    await service.revive();
    life.report(`${service.name} ended and was started again (process ${service.pid()})`);
    life.onChange();
  } catch (error) {
    life.report(`${service.name} ended and could not be started: ${/** @type {Error} */ (error).message}`);
  }
}

/** @param {string} url */
export async function isHealthy(url, limitMs = 2_000) {
  try {
    const reply = await fetch(url, { signal: AbortSignal.timeout(limitMs) });
    await reply.body?.cancel();
    return reply.status === 200;
  } catch {
    return false;
  }
}
