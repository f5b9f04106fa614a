import fs from 'node:fs';
import path from 'node:path';
import { readJson, withLock } from './support/files.mjs';
import { run } from './support/processes.mjs';
import { Failure, say, step } from './support/steps.mjs';

/** Install scripts stay blocked: what they would do, the launcher does itself. Development packages are needed to build. */
const NPM_CI = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--include=dev', '--include=optional'];

/** Installs what the lock file names, unless exactly that is there already. @param {{ root: string, stateDir: string }} context */
export async function install({ root, stateDir }) {
  if (isInstalled(root)) return;
  const lock = path.join(stateDir, 'install.lock');
  const wait = (/** @type {number} */ pid) => say(`  … another command (process ${pid}) is installing, waiting`);
  await withLock(lock, wait, async () => {
    if (isInstalled(root)) return;
    await step('Installing packages', async (note) => {
      say('  … npm ci; the first time takes half a minute or more');
      const { code, output } = await npm(root, NPM_CI);
      if (code !== 0) throw failedInstall(output);
      note(`${Object.keys(lockedPackages(root)).length} in the lock file`);
    });
  });
}

/**
 * Whether node_modules holds the lock file's packages: npm leaves a copy of what it installed there, so nothing else
 * has to remember it. Optional packages of other platforms may be missing.
 * @param {string} root
 */
export function isInstalled(root) {
  /** @type {Record<string, { version?: string }>} */
  const installed = readJson(path.join(root, 'node_modules', '.package-lock.json'), { packages: {} }).packages;
  return Object.entries(lockedPackages(root)).every(([folder, { version, optional }]) => {
    const there = installed[folder];
    return there ? there.version === version && fs.existsSync(path.join(root, folder)) : optional;
  });
}

/** @param {string} root @returns {Record<string, { version?: string, optional?: boolean }>} */
function lockedPackages(root) {
  const { packages } = readJson(path.join(root, 'package-lock.json'), { packages: {} });
  return Object.fromEntries(Object.entries(packages).filter(([folder]) => folder !== ''));
}

/**
 * Runs npm: the one that started us, else the one on PATH. It runs on its own Node, because ours may lie in the very
 * node_modules that it replaces.
 * @param {string} root @param {string[]} args @param {NodeJS.ProcessEnv} [env]
 */
export function npm(root, args, env = process.env) {
  const cli = process.env.npm_execpath ?? '';
  if (cli.endsWith('npm-cli.js'))
    return run(process.env.npm_node_execpath ?? process.execPath, [cli, ...args], { cwd: root, env });
  return run('npm', args, { cwd: root, env, shell: process.platform === 'win32' });
}

/** @param {string} output */
function failedInstall(output) {
  const lines = output.split('\n').filter((line) => /npm (error|ERR!)/.test(line));
  const details = (lines.length > 0 ? lines : output.split('\n')).slice(-12).join('\n');
  const outOfStep = output.includes('package.json and package-lock.json');
  return new Failure('Installing the packages failed.', { details, mend: outOfStep ? 'npm install' : 'npm ci' });
}
