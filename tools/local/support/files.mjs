import fs from 'node:fs';
import path from 'node:path';
import { commandLineOf, isAlive, pause } from './processes.mjs';

const LOCK_POLL_MS = 250;
const heldHere = new Set();

/** @template T @param {string} file @param {T} fallback @returns {T} */
export function readJson(file, fallback) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT' || error instanceof SyntaxError) return fallback;
    throw error;
  }
}

/** Writes the whole file or nothing: a reader sees the old one or the new one. @param {string} file @param {unknown} value */
export function writeJson(file, value, mode = 0o600) {
  writeFile(file, `${JSON.stringify(value, null, 2)}\n`, mode);
}

/** @param {string} file @param {string} text @param {number} mode */
export function writeFile(file, text, mode) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const fresh = `${file}.${process.pid}.tmp`;
  fs.writeFileSync(fresh, text, { mode });
  fs.renameSync(fresh, file);
}

/**
 * Takes a lock held by a process number in a file, or answers who holds it. The lock of a dead process is taken over.
 * @param {string} file @returns {{ holder: number } | { release: () => void }}
 */
export function tryLock(file) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const mine = `${file}.${process.pid}`;
  fs.writeFileSync(mine, String(process.pid));
  try {
    while (!linked(mine, file)) {
      const holder = Number(readJson(file, 0));
      if (holds(holder, file)) return { holder };
      fs.rmSync(file, { force: true });
    }
  } finally {
    fs.rmSync(mine, { force: true });
  }
  heldHere.add(file);
  return { release: () => heldHere.delete(file) && fs.rmSync(file, { force: true }) };
}

/** The process that holds this lock now. @param {string} file */
export function lockHolder(file) {
  const holder = Number(readJson(file, 0));
  return holds(holder, file) ? holder : undefined;
}

/** A number can come back after a restart, as ours or as another program's: then the lock is a left-over. @param {number} holder @param {string} file */
function holds(holder, file) {
  if (holder === process.pid) return heldHere.has(file);
  return isAlive(holder) && (process.platform === 'win32' || commandLineOf(holder).includes('node'));
}

/** A link, unlike a write, is never seen half done. @param {string} mine @param {string} file */
function linked(mine, file) {
  try {
    fs.linkSync(mine, file);
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
    return false;
  }
}

/**
 * Does the work alone: whoever comes second waits, after saying whom it waits for.
 * @template T
 * @param {string} file @param {(holder: number) => void} onWait @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(file, onWait, work) {
  let lock = tryLock(file);
  if ('holder' in lock) onWait(lock.holder);
  while ('holder' in lock) {
    await pause(LOCK_POLL_MS);
    lock = tryLock(file);
  }
  try {
    return await work();
  } finally {
    lock.release();
  }
}
