import fs from 'node:fs';
import path from 'node:path';
import { logFile } from './stack-file.mjs';
import { run } from './support/processes.mjs';
import { Failure } from './support/steps.mjs';

/**
 * How Node runs the product, wherever it runs. Without bounds V8 lets garbage of a busy server grow with the machine's memory: 480 MB
 * here for what needs 90. The heap's limit is in MiB, the young generation's is of one of its three parts.
 */
export const NODE_FLAGS = ['--max-old-space-size=256', '--max-semi-space-size=8'];

export const PRODUCT = path.join('dist', 'src', 'main.js');
export const SANDBOX = path.join('dist', 'tools', 'sandbox', 'main.js');

/**
 * Runs a one-shot task of the product to its end and answers what it printed; the log keeps it too.
 * @param {{ root: string, stateDir: string, node: string }} where
 * @param {'migrate' | 'migrate:check' | 'ledger:verify' | 'seed'} mode
 * @param {Record<string, string | undefined>} env
 */
export async function runTask({ root, stateDir, node }, mode, env) {
  const main = path.join(root, PRODUCT);
  const { code, output } = await run(node, [...NODE_FLAGS, main], {
    cwd: root,
    env: { ...env, APP_MODE: mode },
  });
  const log = logFile(stateDir, mode.replace(':', '-'));
  fs.mkdirSync(path.dirname(log), { recursive: true });
  fs.writeFileSync(log, output);
  if (code !== 0)
    throw new Failure(`The task "${mode}" failed.`, { details: `exit code ${code}`, log, mend: MEND[mode] });
  return output;
}

const MEND = {
  migrate: 'npm run reset   (deletes the local data), once the migration is right',
  'migrate:check': 'npm run migrate',
  'ledger:verify': 'no command can. Compare the row with a backup, and find out who could write as its owner',
  seed: 'npm run reset   (deletes the local data)',
};
