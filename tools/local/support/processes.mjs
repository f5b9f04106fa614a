import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const POLL_MS = 25;
const TAIL_BYTES = 64 * 1024;
/** No program ends with this code by itself. */
export const ABORTED = -1;

const LOG_BYTES_MAX = 20 * 1024 * 1024;

/** @param {number} milliseconds */
export function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/**
 * Polls until `condition` gives something truthy, or answers undefined after the limit.
 * @template T
 * @param {() => Promise<T> | T} condition
 * @param {number} limitMs
 */
export async function until(condition, limitMs, everyMs = POLL_MS) {
  const end = Date.now() + limitMs;
  for (;;) {
    const found = await condition();
    if (found) return found;
    if (Date.now() >= end) return undefined;
    await pause(everyMs);
  }
}

/** Whether a process runs. A zombie does not, though it still takes signals. @param {number | null | undefined} pid */
export function isAlive(pid) {
  if (!pid) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
  return !isZombie(pid);
}

/** @param {number} pid */
function isZombie(pid) {
  if (process.platform !== 'linux') return false;
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z');
  } catch {
    return true;
  }
}

/** The command line of a process, so that a number that now belongs to somebody else is not taken for ours. @param {number} pid */
export function commandLineOf(pid) {
  if (process.platform === 'linux') {
    try {
      return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim();
    } catch {
      return '';
    }
  }
  if (process.platform === 'win32') return '';
  return spawnSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).stdout.trim();
}

/**
 * Runs a command to its end and collects what it printed; `onLine` hears every line as it comes.
 * @param {string} command
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions & { onLine?: (line: string) => void, input?: string }} [options]
 * @returns {Promise<{ code: number, output: string }>}
 */
export function run(command, args, { onLine, ...options } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const hear = (/** @type {Buffer} */ chunk) => {
      output += chunk;
      if (onLine) String(chunk).split('\n').filter(Boolean).forEach(onLine);
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    child.on('error', (error) => resolve({ code: 127, output: `${output}${error.message}` }));
    child.on('close', (code, signal) =>
      resolve({ code: code ?? 1, output: signal ? `${output}ended by ${signal}` : output }),
    );
  });
}

/**
 * Runs a program with our terminal and answers its exit code. On Ctrl-C the terminal tells it too; we wait for it, so
 * that what we started for it is ended in order. A program killed by `options.signal` answers `ABORTED`.
 * @param {string} command @param {string[]} args @param {import('node:child_process').SpawnOptions} options
 * @returns {Promise<number>}
 */
export function runToEnd(command, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit', ...options });
    const wait = () => {};
    const pass = () => void child.kill('SIGTERM');
    process.on('SIGINT', wait).on('SIGTERM', pass);
    let aborted = false;
    child.on('error', (error) => (error.name === 'AbortError' ? (aborted = true) : reject(error)));
    child.once('close', (code) => {
      process.off('SIGINT', wait).off('SIGTERM', pass);
      resolve(aborted ? ABORTED : (code ?? 1));
    });
  });
}

/**
 * Starts a process in a session of its own, so that Ctrl-C reaches only the launcher, with its output in a file: behind
 * what is there, or in a new one, where the one before is kept as `.old`.
 * @param {string} command
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions & { logFile: string, newLog?: boolean }} options
 */
export function spawnToFile(command, args, { logFile, newLog = false, ...options }) {
  fs.mkdirSync(path.dirname(logFile), { recursive: true });
  const size = fs.statSync(logFile, { throwIfNoEntry: false })?.size ?? 0;
  if (size > (newLog ? 0 : LOG_BYTES_MAX)) fs.renameSync(logFile, `${logFile}.old`);
  const log = fs.openSync(logFile, 'a');
  const child = spawn(command, args, { ...options, detached: true, stdio: ['ignore', log, log] });
  fs.closeSync(log);
  child.on('error', (error) => fs.appendFileSync(logFile, `${command}: ${error.message}\n`));
  child.unref();
  return child;
}

/**
 * Asks a process to end and, when it has not after the grace, ends it. True when it ended by itself.
 * @param {number | null | undefined} pid
 * @param {{ signal?: NodeJS.Signals, graceMs?: number }} [options]
 */
export async function terminate(pid, { signal = 'SIGTERM', graceMs = 30_000 } = {}) {
  if (!pid || !isAlive(pid)) return true;
  send(pid, signal);
  if (await until(() => !isAlive(pid), graceMs)) return true;
  send(pid, 'SIGKILL');
  await until(() => !isAlive(pid), 5_000);
  return false;
}

/** @param {number} pid @param {NodeJS.Signals} signal */
function send(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH') throw error;
  }
}

/** The last lines of a file; none when there is no file. @param {string} file @param {number} count */
export function tail(file, count) {
  if (!fs.existsSync(file)) return [];
  const size = fs.statSync(file).size;
  const start = Math.max(0, size - TAIL_BYTES);
  const handle = fs.openSync(file, 'r');
  const buffer = Buffer.alloc(size - start);
  fs.readSync(handle, buffer, 0, buffer.length, start);
  fs.closeSync(handle);
  return buffer.toString('utf8').split('\n').filter(Boolean).slice(-count);
}
