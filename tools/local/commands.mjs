import path from 'node:path';
import { bench } from './commands/bench.mjs';
import { dev } from './commands/dev.mjs';
import { doctor } from './commands/doctor.mjs';
import { keysRotate } from './commands/keys-rotate.mjs';
import { ledgerVerify, migrate, migrateCheck } from './commands/migrate.mjs';
import { prove } from './commands/prove.mjs';
import { reset } from './commands/reset.mjs';
import { start, supervise } from './commands/start.mjs';
import { stop } from './commands/stop.mjs';
import { test } from './commands/test.mjs';
import { why } from './commands/why.mjs';
import { testPgbouncer } from './commands/test-pgbouncer.mjs';
import { USAGE } from './support/options.mjs';
import { explain, say } from './support/steps.mjs';

/** `supervise` is what `start --detach` leaves running; nobody types it. */
const COMMANDS = {
  start,
  supervise,
  stop,
  reset,
  doctor,
  dev,
  migrate,
  'migrate:check': migrateCheck,
  'ledger:verify': ledgerVerify,
  'keys:rotate': keysRotate,
  bench,
  prove,
  why,
  test,
  'test:pgbouncer': testPgbouncer,
};

/**
 * Runs one command to its end and answers the exit code. Every failure is explained here, once.
 * @param {string} cli the file that was started @param {string[]} args
 */
export async function main(cli, [name = 'help', ...args]) {
  const root = path.resolve(path.dirname(cli), '..', '..');
  const context = { root, stateDir: path.join(root, '.local'), cli, given: process.env };
  const command = COMMANDS[/** @type {keyof typeof COMMANDS} */ (name)];
  if (!command) {
    say(name === 'help' ? USAGE : `There is no command "${name}".\n${USAGE}`);
    return name === 'help' ? 0 : 2;
  }
  // Whoever reads us may stop reading; what we run goes on.
  process.stdout.on('error', () => {});
  try {
    return await command(context, args);
  } catch (error) {
    say(explain(error));
    return 1;
  }
}
