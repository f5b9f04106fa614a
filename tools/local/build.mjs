import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { withLock } from './support/files.mjs';
import { run } from './support/processes.mjs';
import { Failure, say, step } from './support/steps.mjs';

/** What decides how the sources are compiled. */
const SETTINGS = ['tsconfig.json', 'tsconfig.build.json', 'package-lock.json'];
/** What the proofs import. Not compiled as a whole: some of it is for jest alone. */
const IMPORTED = ['test/support'];
const MARK = 'dist/.sources';
const ERRORS_SHOWN = 20;

/** Compiles when the sources differ from those of the last good build. @param {{ root: string, stateDir: string }} context */
export async function build({ root, stateDir }) {
  if (isBuilt(root)) return;
  const wait = (/** @type {number} */ pid) => say(`  … another command (process ${pid}) is building, waiting`);
  await withLock(path.join(stateDir, 'build.lock'), wait, async () => {
    if (isBuilt(root)) return;
    await step('Building', () => compile(root));
  });
}

/** @param {string} root */
export function isBuilt(root) {
  const mark = path.join(root, MARK);
  return fs.existsSync(mark) && fs.readFileSync(mark, 'utf8') === sourcesHash(root);
}

/** @param {string} root */
async function compile(root) {
  const hash = sourcesHash(root);
  const dist = path.join(root, 'dist');
  fs.rmSync(path.join(root, MARK), { force: true });
  // With the compiler's memory but without its output, nothing would be written again.
  if (!fs.existsSync(path.join(dist, 'src'))) fs.rmSync(path.join(dist, '.tsbuildinfo'), { force: true });
  const { code, output } = await run(process.execPath, compilerArguments(root), { cwd: root });
  if (code !== 0) {
    const lines = output.trim().split('\n');
    const more = lines.length > ERRORS_SHOWN ? `\n… and ${lines.length - ERRORS_SHOWN} lines more` : '';
    throw new Failure('The sources do not compile.', {
      details: lines.slice(0, ERRORS_SHOWN).join('\n') + more,
      mend: 'npm run build   (shows every error; mend them and run this again)',
    });
  }
  fs.writeFileSync(path.join(root, MARK), hash);
}

/** @param {string} root */
export function compilerArguments(root) {
  return [path.join(root, 'node_modules/typescript/bin/tsc'), '-p', path.join(root, 'tsconfig.build.json')];
}

/** @param {string} root */
function sourcesHash(root) {
  const hash = createHash('sha256');
  const { include } = JSON.parse(fs.readFileSync(path.join(root, 'tsconfig.build.json'), 'utf8'));
  const folders = [...include, ...IMPORTED];
  const sources = folders.flatMap((folder) => sourcesIn(root, folder));
  for (const file of [...SETTINGS, ...sources]) {
    if (!fs.existsSync(path.join(root, file))) continue;
    hash.update(`${file}\0`).update(fs.readFileSync(path.join(root, file)));
  }
  return hash.digest('hex');
}

/** @param {string} root @param {string} folder */
function sourcesIn(root, folder) {
  if (!fs.existsSync(path.join(root, folder))) return [];
  return fs
    .readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.[jt]s$/.test(file) && !file.endsWith('.spec.ts'))
    .map((file) => path.join(folder, file))
    .sort();
}
