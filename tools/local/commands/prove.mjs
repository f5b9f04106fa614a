import path from 'node:path';
import { prepare } from './prepare.mjs';
import { takeSlot } from './slots.mjs';
import { openTestServers } from './test-servers.mjs';
import { findRedis } from '../redis.mjs';
import { runToEnd } from '../support/processes.mjs';

/**
 * Proves on a PostgreSQL and a Redis of its own, which it kills and empties as it likes.
 * @param {import('../services.mjs').Context} given @param {string[]} args
 */
export async function prove(given, args) {
  const context = await prepare(given);
  const { root } = context;
  const slot = takeSlot(given.stateDir, 'prove');
  try {
    const servers = await openTestServers(context, slot.stateDir);
    try {
      const { command, env } = await findRedis({ projectRoot: root });
      const own = {
        PROVE_REDIS: JSON.stringify({ command, env }),
        PROVE_REPORTS: path.join(given.stateDir, 'prove'),
      };
      const main = path.join(root, 'dist', 'tools', 'prove', 'main.js');
      return await runToEnd(context.node, ['--enable-source-maps', main, ...args], {
        cwd: root,
        env: { ...process.env, ...servers.env, ...own },
      });
    } finally {
      await servers.close();
    }
  } finally {
    slot.release();
  }
}
