import { type Options, readOptions, Usage, USAGE } from './options.js';
import { PROOF_NAMES, PROOFS } from './proofs.js';
import { render, summarise, writeReport } from './report.js';
import { type Run, stopEverything, tryControls, tryProof, type Verdict } from './runs.js';

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** What was asked for: one proof, one control, or all of both in short. */
async function* verdictsOf({ name, guard, rounds, seed }: Options): AsyncGenerator<Verdict> {
  if (name && guard) {
    yield* await tryControls({ name, rounds: rounds ?? PROOFS[name].rounds.quick, seed, isQuick: true }, [guard]);
    return;
  }
  if (name) {
    yield await tryProof({ name, rounds: rounds ?? PROOFS[name].rounds.alone, seed, isQuick: false });
    return;
  }
  for (const each of PROOF_NAMES) {
    const run: Run = { name: each, rounds: rounds ?? PROOFS[each].rounds.quick, seed, isQuick: true };
    yield await tryProof(run);
    yield* await tryControls(run, Object.keys(PROOFS[each].guards));
  }
}

/** A control somebody asked for by name is that proof without its guard: red is what he wants to see. */
function isGreen(verdict: Verdict, { guard }: Options): boolean {
  return guard ? !verdict.isRed : verdict.isAsExpected;
}

async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  const { name = 'all', seed } = options;
  say(`proof: ${name}   seed: ${seed}   rounds: ${options.rounds ?? 'as each has them'}`);
  const verdicts: Verdict[] = [];
  for await (const verdict of verdictsOf(options)) {
    writeReport(verdict);
    say(render(verdict));
    verdicts.push(verdict);
  }
  say(summarise(verdicts));
  return verdicts.every((verdict) => isGreen(verdict, options)) ? 0 : 1;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void stopEverything().finally(() => process.exit(130)));
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Usage)) throw error;
  say(`${error.message}\n${USAGE}`);
  process.exitCode = 2;
}
