import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { machineFacts } from './machine.js';
import { readOptions } from './options.js';
import { render, verdictsOf } from './report.js';
import { measureAll } from './scenes.js';
import { readSetting } from './setting.js';
import { startContestants } from './shop.js';

async function main(): Promise<number> {
  const options = readOptions();
  const setting = readSetting();
  mkdirSync(join(setting.stateDir, 'logs'), { recursive: true });
  const machine = await machineFacts(setting);
  const contestants = await startContestants(setting);
  process.once('SIGINT', () => void contestants.stop().then(() => process.exit(130)));
  process.once('SIGTERM', () => void contestants.stop().then(() => process.exit(143)));
  try {
    const results = { machine, ...(await measureAll(setting, contestants, options)) };
    const verdicts = verdictsOf(results);
    const file = join(setting.stateDir, 'result.json');
    writeFileSync(file, `${JSON.stringify({ at: new Date().toISOString(), verdicts, ...results }, null, 2)}\n`);
    process.stdout.write(`${render(results, verdicts)}\nwritten to ${file}\n`);
    return options.isStrict && verdicts.some(({ isReached }) => !isReached) ? 1 : 0;
  } finally {
    await contestants.stop();
  }
}

process.exitCode = await main();
