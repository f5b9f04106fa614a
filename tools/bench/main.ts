import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fill } from './fixture.js';
import { machineFacts } from './machine.js';
import { compare, payingSpeed } from './measure.js';
import { watchMemory } from './memory.js';
import { render, verdictsOf, type Results } from './report.js';
import { headersOf, placements, purchases, reads } from './requests.js';
import { type Effort, FULL, QUICK, readSetting, type Setting } from './setting.js';
import { type Contestants, logIn, startContestants } from './shop.js';
import { countStatements } from './statements.js';

/** How the bench is called: `--quick` for short rounds, `--strict` to fail when a target is missed. */
function readOptions(): { isQuick: boolean; isStrict: boolean } {
  const options = { quick: { type: 'boolean' }, strict: { type: 'boolean' } } as const;
  const { quick = false, strict = false } = parseArgs({ options }).values;
  return { isQuick: quick, isStrict: strict };
}

async function measure(setting: Setting, contestants: Contestants, effort: Effort): Promise<Omit<Results, 'machine'>> {
  const { webUrl, web } = contestants;
  const fixture = await fill(setting);
  const headers = headersOf(fixture.userId, await logIn(webUrl, setting.login));
  const statementsPerPurchase = await countStatements(setting, { webUrl, fixture, headers });
  const memory = watchMemory(web);
  say('Reading orders …');
  const read = await compare(contestants, reads(fixture, headers), effort);
  say('Placing orders …');
  const place = await compare(contestants, placements(fixture, headers), effort);
  say('Placing and paying …');
  const purchase = await payingSpeed(webUrl, purchases(fixture, headers), effort);
  const rounds = `${effort.rounds} interleaved rounds of ${effort.seconds} s each`;
  return { effort: rounds, read, place, purchase, statementsPerPurchase, residentBytesMax: memory.end() };
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function main(): Promise<number> {
  const { isQuick, isStrict } = readOptions();
  const setting = readSetting();
  mkdirSync(join(setting.stateDir, 'logs'), { recursive: true });
  const machine = await machineFacts(setting);
  const contestants = await startContestants(setting);
  process.once('SIGINT', () => void contestants.stop().then(() => process.exit(130)));
  process.once('SIGTERM', () => void contestants.stop().then(() => process.exit(143)));
  try {
    const results = { machine, ...(await measure(setting, contestants, isQuick ? QUICK : FULL)) };
    const verdicts = verdictsOf(results);
    const file = join(setting.stateDir, 'result.json');
    writeFileSync(file, `${JSON.stringify({ at: new Date().toISOString(), verdicts, ...results }, null, 2)}\n`);
    say(`${render(results, verdicts)}\nwritten to ${file}`);
    return isStrict && verdicts.some(({ isReached }) => !isReached) ? 1 : 0;
  } finally {
    await contestants.stop();
  }
}

process.exitCode = await main();
