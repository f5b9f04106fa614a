import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { compilerArguments } from '../build.mjs';
import { readOptions } from '../support/options.mjs';
import { runningStack } from '../stack.mjs';
import { Failure, say } from '../support/steps.mjs';
import { printTable } from '../table.mjs';
import { attached, bringUp } from './start.mjs';

/** The compiler writes many files at once; web and worker start again when it has been quiet this long. */
const QUIET_MS = 400;

/** Starts everything, compiles on every change and starts web and worker again. @param {import('../services.mjs').Context} given @param {string[]} args */
export async function dev(given, args) {
  readOptions(args, {});
  const running = runningStack(given.stateDir);
  if (running)
    throw new Failure(`It runs already (process ${running.supervisor}).`, {
      mend: 'npm run stop   (then npm run dev)',
    });
  const ready = await bringUp(given);
  const { stack, ended, restartProduct } = await attached(ready, { web: 1, workers: 1 });
  printTable(stack, given);
  say('Sources are watched. Ctrl-C ends it.\n');
  const { root } = ready.context;
  const compiler = spawn(process.execPath, [...compilerArguments(root), '--watch', '--preserveWatchOutput'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const watcher = onChange(path.join(root, 'dist'), () => void restartProduct());
  const code = await ended;
  watcher.close();
  compiler.kill();
  return code;
}

/** @param {string} folder @param {() => void} act */
function onChange(folder, act) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  return fs.watch(folder, { recursive: true }, (_event, file) => {
    if (!file?.endsWith('.js')) return;
    clearTimeout(timer);
    timer = setTimeout(act, QUIET_MS);
  });
}
