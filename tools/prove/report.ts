import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FACTORS } from '../../test/support/shop-environment.js';
import type { Proof } from './proof.js';
import { PROOFS } from './proofs.js';
import type { Verdict } from './runs.js';

/** @throws when the proofs were not started by their command */
function reportsFolder(): string {
  const folder = process.env['PROVE_REPORTS'];
  if (!folder) throw new Error('PROVE_REPORTS is not set: run `npm run prove`');
  return folder;
}

function titleOf({ run }: Verdict): string {
  return run.guard ? `${run.name} --break=${run.guard}` : run.name;
}

/** Everything about one run, for programs: `<name>.json`, and `<name>.<guard>.json` for a control. */
export function writeReport(verdict: Verdict): void {
  const { run, ...found } = verdict;
  const proof: Proof = PROOFS[run.name];
  const about = {
    promises: proof.promises,
    shows: proof.shows,
    control: run.guard ? proof.guards[run.guard]?.what : null,
  };
  const folder = reportsFolder();
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${[run.name, run.guard].filter(Boolean).join('.')}.json`);
  const report = { at: new Date().toISOString(), timers: FACTORS, ...run, ...about, ...found };
  writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
}

/** The same for people. */
export function render(verdict: Verdict): string {
  const { run, coverage, violations, examples, figures, problem, seconds } = verdict;
  const lines = [`\n${titleOf(verdict)}   ${run.rounds} rounds, seed ${run.seed}, ${seconds} s`];
  for (const [what, times] of Object.entries(coverage)) lines.push(`  ${times ? '·' : '✗'} ${what}: ${times}`);
  for (const [what, value] of Object.entries(figures)) lines.push(`  · ${what}: ${value}`);
  for (const [what, times] of Object.entries(violations)) {
    lines.push(`  ${run.guard ? '!' : '✗'} ${what}: ${times}`);
    if (!run.guard) lines.push(...(examples[what] ?? []).map((example) => `      ${example}`));
  }
  if (problem) lines.push(`  ✗ ${problem}`);
  return lines.join('\n');
}

/** The table of all, and the line that programs read. */
export function summarise(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map((verdict) => {
    const colour = verdict.isRed ? 'red' : 'green';
    const mark = verdict.isAsExpected ? '✓' : '✗';
    return `  ${mark} ${titleOf(verdict).padEnd(38)}${colour.padEnd(8)}${`${verdict.seconds} s`.padStart(8)}`;
  });
  const passed = verdicts.filter(({ isAsExpected }) => isAsExpected).length;
  return ['', ...rows, '', `${passed} passed, ${verdicts.length - passed} failed, 0 skipped`].join('\n');
}
