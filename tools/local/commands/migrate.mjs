import { environmentFor, plannedPorts } from '../stack.mjs';
import { prepare } from './prepare.mjs';
import { openServices } from '../services.mjs';
import { say, step } from '../support/steps.mjs';
import { runTask } from '../task.mjs';

/** Brings the database (yours with DATABASE_URL, else the local one) to this version. @param {import('../services.mjs').Context} context */
export function migrate(context) {
  return withDatabase(context, 'Migrating', 'migrate');
}

/** Says whether the database is at this version, and changes nothing. @param {import('../services.mjs').Context} context */
export function migrateCheck(context) {
  return withDatabase(context, 'Checking migrations', 'migrate:check');
}

/** Says whether the ledger is as it was sealed, and changes nothing. @param {import('../services.mjs').Context} context */
export function ledgerVerify(context) {
  return withDatabase(context, 'Verifying the ledger', 'ledger:verify');
}

/** @param {import('../services.mjs').Context} given @param {string} name @param {'migrate' | 'migrate:check' | 'ledger:verify'} mode */
async function withDatabase(given, name, mode) {
  const context = await prepare(given);
  const services = await openServices(context, { withRedis: false });
  try {
    const ports = plannedPorts(context.stateDir);
    const env = environmentFor(context, { ...services, redisUrl: given.given.REDIS_URL || UNUSED_REDIS }, ports);
    const output = await step(name, () => runTask(context, mode, env));
    if (output.trim()) say(output.trim());
  } finally {
    await services.closeStarted();
  }
  return 0;
}

/** The configuration asks for one; these tasks never connect to it. */
const UNUSED_REDIS = 'redis://127.0.0.1:63799';
