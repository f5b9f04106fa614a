#!/usr/bin/env node
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { install } from '../local/install.mjs';
import { explain, say, step } from '../local/support/steps.mjs';
import { openEngine } from './engine.mjs';
import { build } from './image.mjs';
import { checkContents } from './contents.mjs';
import { checkRunning } from './running.mjs';

/** Builds the images of the Dockerfile and runs them on a PostgreSQL and a Redis of their own; ends with one line per finding. */
async function main() {
  const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');
  const context = { root, stateDir: path.join(root, '.local') };
  await install(context);
  const engine = await openEngine(path.join(context.stateDir, 'containers'));
  if (!engine) return 0;
  const images = await build(engine, root);
  const findings = [
    ...(await step('Contents', () => checkContents(engine, images.runtime))),
    ...(await checkRunning(engine, images, root)),
  ];
  say();
  for (const { what, holds, seen } of findings) say(`  ${holds ? '✓' : '✗'} ${what.padEnd(64)} ${seen}`);
  const broken = findings.filter(({ holds }) => !holds).length;
  say(`\n${findings.length - broken} passed, ${broken} failed, 0 skipped`);
  return broken > 0 ? 1 : 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  say(explain(error));
  process.exitCode = 1;
}
