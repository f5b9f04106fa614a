import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { npm } from '../install.mjs';
import { leaksIn } from '../leaks.mjs';
import { readJson } from '../support/files.mjs';
import { ABORTED, runToEnd } from '../support/processes.mjs';
import { say, step } from '../support/steps.mjs';

const WORKERS = 2;

/** Jest's report goes to stderr; on stdout it only says where it wrote the results. */
const STDIO = /** @type {import('node:child_process').StdioOptions} */ (['inherit', 'ignore', 'inherit']);

/** Results are written when every test has run. Jest ends at once then, unless a test left a connection or a timer open. */
const HUNG_AFTER_MS = 20_000;

/** @typedef {import('./test.mjs').Row} Row */

/** Runs every `check:…` script of package.json, each as one test. @param {string} root @returns {Promise<Row>} */
export async function runChecks(root) {
  const { scripts } = readJson(path.join(root, 'package.json'), { scripts: {} });
  const waiting = Object.keys(scripts).filter((name) => name.startsWith('check:'));
  const row = { name: 'check', passed: 0, failed: 0, skipped: 0 };
  /** @type {string[]} */
  const failures = [];
  const work = async () => {
    for (let name = waiting.shift(); name; name = waiting.shift()) {
      const { code, output } = await npm(root, ['run', '--silent', name]);
      row[code === 0 ? 'passed' : 'failed']++;
      if (code !== 0) failures.push(`\nnpm run ${name} failed:\n${output.trimEnd()}`);
    }
  };
  await step('Checking', () => Promise.all(Array.from({ length: Math.min(WORKERS, os.availableParallelism()) }, work)));
  failures.forEach(say);
  return row;
}

/**
 * Every log the stories' processes have written is one test: no address, key, token, card number or password is in it.
 * @param {string} stateDir @param {number} began in ms @returns {Row}
 */
export function lookForLeaks(stateDir, began) {
  const { files, leaks } = leaksIn(path.join(stateDir, 'logs', 'e2e'), { since: began });
  const failed = new Set(leaks.map(({ file }) => file)).size;
  for (const { file, line, what } of leaks) say(`${path.relative(stateDir, file)}:${line} holds ${what}`);
  return { name: 'logs', passed: files - failed, failed, skipped: 0 };
}

/**
 * Runs one jest project with its usual reporter. A project that ran nothing has failed, unless paths were named and none
 * of them is of this project: then there is no row.
 * @param {{ root: string, stateDir: string, env: NodeJS.ProcessEnv, rest: string[], paths: string[] }} run
 * @param {import('./test.mjs').Project} project @returns {Promise<Row | undefined>}
 */
export async function runProject({ root, stateDir, env, rest, paths }, { name, inBand }) {
  const results = path.join(stateDir, `${name}.json`);
  fs.mkdirSync(stateDir, { recursive: true });
  fs.rmSync(results, { force: true });
  const workers = inBand ? ['--runInBand'] : [`--maxWorkers=${WORKERS}`];
  const pass = paths.length > 0 ? ['--passWithNoTests'] : [];
  const report = ['--json', `--outputFile=${results}`];
  const jest = path.join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  say(`\n— ${name}`);
  const args = [jest, `--selectProjects=${name}`, ...workers, ...pass, ...report, ...rest, ...paths];
  const hung = abortWhenHung(results);
  const options = { cwd: root, env, stdio: STDIO, signal: hung.signal, killSignal: /** @type {const} */ ('SIGKILL') };
  const code = await runToEnd(process.execPath, args, options).finally(hung.stopWatching);
  return rowOf(name, readJson(results, undefined), { code, mayBeEmpty: paths.length > 0 });
}

/** @param {string} results */
function abortWhenHung(results) {
  const controller = new AbortController();
  const timer = setInterval(() => {
    const written = fs.statSync(results, { throwIfNoEntry: false })?.mtimeMs;
    if (written && Date.now() - written > HUNG_AFTER_MS) controller.abort();
  }, 1_000);
  return { signal: controller.signal, stopWatching: () => clearInterval(timer) };
}

/**
 * @param {string} name @param {any} results what jest wrote, if it came that far
 * @param {{ code: number, mayBeEmpty: boolean }} outcome @returns {Row | undefined}
 */
export function rowOf(name, results, { code, mayBeEmpty }) {
  if (!results) return { name, passed: 0, failed: 1, skipped: 0, problem: `jest ended with exit code ${code}` };
  const passed = results.numPassedTests;
  // A file that cannot be loaded has no tests to count, and is a failure all the same.
  const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
  const skipped = results.numPendingTests + results.numTodoTests;
  if (code === ABORTED)
    return {
      name,
      passed,
      failed: failed + 1,
      skipped,
      problem: 'did not end: a test left a connection or timer open',
    };
  if (passed + failed + skipped > 0) {
    if (code === 0 || failed > 0) return { name, passed, failed, skipped };
    return { name, passed, failed: 1, skipped, problem: `jest ended with exit code ${code}` };
  }
  return mayBeEmpty && code === 0 ? undefined : { name, passed, failed: 1, skipped, problem: 'ran no test' };
}
