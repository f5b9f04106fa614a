import path from 'node:path';
import { tail } from './processes.mjs';

const HEARTBEAT_MS = 4_000;
const LOG_LINES = 10;

/** What a person needs when a step fails: what it was, the real error, where to look, and the one command that mends it. */
export class Failure extends Error {
  /** @param {string} message @param {{ details?: string, log?: string, mend?: string, cause?: unknown }} [more] */
  constructor(message, { details = '', log, mend, cause } = {}) {
    super(message, { cause });
    this.name = 'Failure';
    this.details = details;
    this.log = log;
    this.mend = mend;
  }
}

/**
 * Runs one named step and prints it with its time; a step that takes long says so every four seconds.
 * `work` may call `note(text)` to add what was found to the line.
 * @template T
 * @param {string} name
 * @param {(note: (text: string) => void) => Promise<T> | T} work
 * @returns {Promise<T>}
 */
export async function step(name, work) {
  const began = Date.now();
  let detail = '';
  const beat = setInterval(() => say(`  … ${name}, ${Math.round((Date.now() - began) / 1000)} s`), HEARTBEAT_MS);
  try {
    const result = await work((text) => (detail = text));
    say(`  ✓ ${name.padEnd(24)} ${seconds(began).padStart(6)}${detail ? `   ${detail}` : ''}`);
    return result;
  } catch (error) {
    say(`  ✗ ${name.padEnd(24)} ${seconds(began).padStart(6)}`);
    throw error;
  } finally {
    clearInterval(beat);
  }
}

/** @param {string} [line] */
export function say(line = '') {
  process.stdout.write(`${line}\n`);
}

/** The text shown for an error: what failed, the real error, the last lines of the log, the command that mends it. @param {any} error */
export function explain(error) {
  if (!(error instanceof Failure)) return `\n${error?.stack ?? error}\n\nTo see what is there: npm run doctor`;
  const parts = [`\n${error.message}`];
  const real = error.details.trim() || reasonOf(error.cause);
  if (real) parts.push(indent(real));
  const lines = error.log ? tail(error.log, LOG_LINES) : [];
  if (lines.length > 0) {
    parts.push(`Last lines of ${path.relative(process.cwd(), error.log ?? '')}:`, indent(lines.join('\n'), '  | '));
  }
  if (error.mend) parts.push(`To mend it: ${error.mend}`);
  return parts.join('\n');
}

/** @param {any} cause */
function reasonOf(cause) {
  if (!cause) return '';
  return cause.message || cause.code || String(cause);
}

/** @param {string} text */
function indent(text, by = '  ') {
  return text
    .split('\n')
    .map((line) => by + line)
    .join('\n');
}

/** @param {number} began */
function seconds(began) {
  return `${((Date.now() - began) / 1000).toFixed(1)} s`;
}
