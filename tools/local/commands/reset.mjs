import fs from 'node:fs';
import path from 'node:path';
import { wipeServices } from '../services.mjs';
import { runningStack } from '../stack.mjs';
import { Failure, say, step } from '../support/steps.mjs';
import { bringUp, start } from './start.mjs';
import { endStack } from './stop.mjs';

/** Wipes the local data and seeds it anew; what ran before runs again, in the background. @param {import('../services.mjs').Context} context */
export async function reset(context) {
  if (context.given.DATABASE_URL) {
    throw new Failure('DATABASE_URL is set: that database is yours, and reset would wipe another.', {
      mend: 'unset DATABASE_URL   (then reset wipes the local one)',
    });
  }
  const before = runningStack(context.stateDir);
  await endStack(context);
  await step('Wiping', async () => {
    await wipeServices(context);
    fs.rmSync(path.join(context.stateDir, 'sandbox'), { recursive: true, force: true });
  });
  if (before) return start(context, ['--detach', `--web=${before.apis.length}`, `--workers=${before.workers.length}`]);
  const { services } = await bringUp(context);
  await services.close();
  say('\nThe local data is new. npm start runs it.');
  return 0;
}
