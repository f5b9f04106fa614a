import fs from 'node:fs';
import path from 'node:path';
import { readJson, writeJson } from './support/files.mjs';

/**
 * What the launcher remembers between runs in one state folder, readable by its owner only.
 * @typedef {{
 *   superuserPassword?: string, postgresPort?: number, postgresData?: string, redisPort?: number,
 *   appPassword?: string, migratorPassword?: string, secrets?: Record<string, string>,
 *   ports?: { web?: number[], worker?: number[], sandbox?: number[] },
 * }} State
 */

/**
 * What runs, for benches, proofs and scripts. `api` and `worker` are the first of `apis` and `workers`; a process that was
 * started again has its new number here at once. A service that is used but not managed has no number.
 * @typedef {{
 *   api: string, docs: string, sandbox: string, mailbox: string, worker: string, databaseUrl: string, redisUrl: string,
 *   logins: { role: string, email: string, password: string }[],
 *   pids: { web: number[], worker: number[], sandbox: number | null, postgres: number | null, redis: number | null },
 *   logs: Record<string, string>, stripeWebhookSecret: string,
 *   apis: string[], workers: string[], supervisor: number, migratorUrl: string, superuserUrl: string | null,
 * }} Stack
 */

/** @param {string} stateDir @returns {State} */
export function readState(stateDir) {
  return readJson(path.join(stateDir, 'state.json'), {});
}

/** @param {string} stateDir @param {State} change */
export function updateState(stateDir, change) {
  const state = { ...readState(stateDir), ...change };
  writeJson(path.join(stateDir, 'state.json'), state);
  return state;
}

/** @param {string} stateDir @returns {Stack | undefined} */
export function readStack(stateDir) {
  return readJson(stackFile(stateDir), undefined);
}

/** @param {string} stateDir @param {Stack} stack */
export function writeStack(stateDir, stack) {
  writeJson(stackFile(stateDir), stack);
}

/** @param {string} stateDir */
export function removeStack(stateDir) {
  fs.rmSync(stackFile(stateDir), { force: true });
}

/** @param {string} stateDir @param {string} name */
export function logFile(stateDir, name) {
  return path.join(stateDir, 'logs', `${name}.log`);
}

/** @param {string} stateDir */
function stackFile(stateDir) {
  return path.join(stateDir, 'stack.json');
}
