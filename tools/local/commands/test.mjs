import fs from 'node:fs';
import path from 'node:path';
import { findBrowser } from '../browser.mjs';
import { prepare } from './prepare.mjs';
import { takeSlot } from './slots.mjs';
import { openTestServers } from './test-servers.mjs';
import { explain, Failure, say, step } from '../support/steps.mjs';
import { lookForLeaks, runChecks, runProject } from './test-runners.mjs';

/** In this order. A project lives in its folder; what takes minutes on its own is only run when it is asked for. */
const PROJECTS = [
  { name: 'unit', folder: 'src' },
  { name: 'integration', folder: 'test/integration' },
  { name: 'contract', folder: 'test/contract' },
  { name: 'architecture', folder: 'test/architecture' },
  { name: 'e2e', folder: 'test/e2e' },
  { name: 'browser', folder: 'test/browser', inBand: true, needsBrowser: true },
  { name: 'resilience', folder: 'test/resilience', isApart: true },
];

/**
 * @typedef {{ name: string, folder: string, inBand?: boolean, needsBrowser?: boolean, isApart?: boolean }} Project
 * @typedef {{ name: string, passed: number, failed: number, skipped: number, problem?: string }} Row
 */

/** Types, format, lint, import rules and containers, each as one test. */
const CHECKS = 'check';
/** Whose processes leave logs that nobody's secrets may stand in. */
const STORIES = ['e2e', 'resilience'];

/**
 * Runs the test projects on servers of its own, and ends with `N passed, N failed, N skipped` over all.
 * @param {import('../services.mjs').Context} given @param {string[]} args
 */
export async function test(given, args) {
  const { only, rest, paths } = chosen(given.root, args);
  if (only && only !== CHECKS && !PROJECTS.some(({ name }) => name === only)) {
    throw new Failure(`There is no test project "${only}".`, { details: `There are: ${names()}` });
  }
  const projects = PROJECTS.filter(({ name, folder, isApart }) => {
    const isNamed = paths.some((file) => projectOf(file) === name);
    const isAsked = only ? name === only : !isApart || isNamed;
    const mayHold = paths.length === 0 || paths.some((file) => (projectOf(file) ?? name) === name);
    return isAsked && mayHold && fs.existsSync(path.join(given.root, folder));
  });
  const withChecks = only === CHECKS;
  return inSlot(given, (stateDir, rows) => runAll({ given, stateDir, projects, rest, paths, withChecks, rows }));
}

/**
 * Has `work` add a row per kind of test, in a state folder nobody else uses meanwhile; prints them and answers the exit code.
 * @param {import('../services.mjs').Context} given @param {(stateDir: string, rows: Row[]) => Promise<void>} work
 */
export async function inSlot({ stateDir }, work) {
  /** @type {Row[]} */
  const rows = [];
  const slot = takeSlot(stateDir, 'test');
  try {
    await work(slot.stateDir, rows);
  } catch (error) {
    say(explain(error));
    rows.push({ name: 'launcher', passed: 0, failed: 1, skipped: 0, problem: 'could not run the tests' });
  } finally {
    slot.release();
  }
  if (rows.length === 0) rows.push({ name: 'all', passed: 0, failed: 1, skipped: 0, problem: 'no test was found' });
  return summarise(rows);
}

/**
 * @param {{ given: import('../services.mjs').Context, stateDir: string, projects: Project[], rest: string[], paths: string[],
 *   withChecks: boolean, rows: Row[] }} run
 */
async function runAll({ given, stateDir, projects, rest, paths, withChecks, rows }) {
  // Unit tests need no server and no build, and asking for them alone must not wait for either.
  const unitOnly = projects.every(({ name }) => name === 'unit');
  const context = await prepare(given, { withBuild: !unitOnly });
  if (withChecks) rows.push(await runChecks(context.root));
  const servers = unitOnly ? undefined : await openTestServers(context, stateDir);
  const run = { root: context.root, stateDir, env: { ...process.env, ...servers?.env }, rest, paths };
  const began = Date.now();
  try {
    for (const project of projects) {
      if (servers?.interrupted()) break;
      const row = project.needsBrowser ? await runWithBrowser(given, run, project) : await runProject(run, project);
      if (row) rows.push(row);
      if (row && STORIES.includes(project.name)) rows.push(lookForLeaks(stateDir, began));
    }
    if (servers?.interrupted()) throw new Failure('Interrupted.');
  } finally {
    await servers?.close();
  }
}

/**
 * Without a browser this project has failed, and the others have not.
 * @param {import('../services.mjs').Context} given @param {Parameters<typeof runProject>[0]} run @param {Project} project
 */
async function runWithBrowser(given, run, project) {
  try {
    const { command, env } = await step('Browser', async (note) => {
      const found = await findBrowser(given);
      note(`${found.version} (${found.source})`);
      return found;
    });
    const browser = { TEST_BROWSER: command, TEST_BROWSER_ENV: JSON.stringify(env) };
    return await runProject({ ...run, env: { ...run.env, ...browser } }, project);
  } catch (error) {
    say(explain(error));
    return { name: project.name, passed: 0, failed: 1, skipped: 0, problem: 'no browser to run it in' };
  }
}

/** The project a named path belongs to; a pattern that is no path may belong to any. @param {string} file */
function projectOf(file) {
  if (/^(src|tools)(\/|$)/.test(file)) return 'unit';
  return PROJECTS.find(({ folder }) => file.startsWith(`${folder}/`) || file === folder)?.name;
}

/** Paths (from the project's root), `--project=name`, and whatever else is for jest. @param {string} root @param {string[]} args */
function chosen(root, args) {
  const only = args.find((arg) => arg.startsWith('--project='))?.slice('--project='.length);
  const others = args.filter((arg) => !arg.startsWith('--project='));
  const paths = others.filter((arg) => !arg.startsWith('-'));
  const relative = paths.map((file) => (fs.existsSync(file) ? path.relative(root, path.resolve(file)) : file));
  return { only, rest: others.filter((arg) => arg.startsWith('-')), paths: relative };
}

/** @param {Row[]} rows */
function summarise(rows) {
  say();
  for (const { name, passed, failed, skipped, problem } of rows) {
    const counts = `${String(passed).padStart(5)} passed ${String(failed).padStart(4)} failed ${String(skipped).padStart(4)} skipped`;
    say(`  ${name.padEnd(14)}${counts}${problem ? `   ${problem}` : ''}`);
  }
  const total = (/** @type {'passed' | 'failed' | 'skipped'} */ kind) => rows.reduce((sum, row) => sum + row[kind], 0);
  const [passed, failed, skipped] = [total('passed'), total('failed'), total('skipped')];
  say(`\n${passed} passed, ${failed} failed, ${skipped} skipped`);
  return failed > 0 || passed === 0 ? 1 : 0;
}

function names() {
  return [...PROJECTS.map(({ name }) => name), CHECKS].join(', ');
}
