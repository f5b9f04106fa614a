import path from 'node:path';
import { build } from '../build.mjs';
import { install } from '../install.mjs';
import { findNode } from '../node-runtime.mjs';
import { say, step } from '../support/steps.mjs';

/**
 * What every command that runs the product needs first: packages, the right Node, a fresh build.
 * @param {import('../services.mjs').Context} context
 * @returns {Promise<import('../services.mjs').Context & { node: string }>}
 */
export async function prepare(context, { withBuild = true } = {}) {
  await install(context);
  const node = await step('Node', async (note) => {
    const found = await findNode(context.root);
    const isPackaged = found.path.startsWith(path.join(context.root, 'node_modules'));
    note(`${found.version} (${isPackaged ? 'npm package' : 'the installed one'})`);
    if (found.warning) say(`  ! Running on Node ${found.version}, though 24 is what ships: ${found.warning}.`);
    return found.path;
  });
  if (withBuild) await build(context);
  return { ...context, node };
}
