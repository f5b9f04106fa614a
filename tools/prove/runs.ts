import { nameStory } from '../../test/support/log-folder.js';
import type { Guard } from './guard.js';
import type { Proof } from './proof.js';
import { PROOFS, type ProofName } from './proofs.js';
import { type Effort, Stage } from './stage.js';

/** A proof, or with `guard` its control. */
export interface Run extends Effort {
  readonly name: ProofName;
  readonly guard?: string;
}

export interface Verdict {
  readonly run: Run;
  readonly seconds: number;
  /** Something was seen that must never be, or not everything was reached. */
  readonly isRed: boolean;
  /** Green for a proof. For a control red, and by the violation its guard prevents. */
  readonly isAsExpected: boolean;
  readonly coverage: Readonly<Record<string, number>>;
  readonly violations: Readonly<Record<string, number>>;
  readonly examples: Readonly<Record<string, readonly string[]>>;
  readonly figures: Readonly<Record<string, number>>;
  /** It broke down before its end. */
  readonly problem?: string;
}

const stages = new Set<Stage>();

/** Ends the processes of whatever runs. */
export async function stopEverything(): Promise<void> {
  await Promise.all([...stages].map((stage) => stage.close()));
}

export async function tryProof(run: Run): Promise<Verdict> {
  const proof: Proof = PROOFS[run.name];
  const verdict = await play(run, new Stage(run));
  const missed = proof.covers.filter((what) => !verdict.coverage[what]);
  const coverage = { ...Object.fromEntries(missed.map((what) => [what, 0])), ...verdict.coverage };
  const isRed = verdict.isRed || missed.length > 0;
  return { ...verdict, coverage, isRed, isAsExpected: !isRed };
}

/** The guards of one run are switched off in one and the same shop; each has a verdict of its own. */
export async function tryControls(run: Run, names: readonly string[]): Promise<Verdict[]> {
  const guards: Readonly<Record<string, Guard>> = PROOFS[run.name].guards;
  const broken = Object.fromEntries(names.flatMap((name) => (guards[name] ? [[name, guards[name]]] : [])));
  const verdict = await play({ ...run, guard: names.join('+') }, new Stage(run, broken));
  return Object.entries(broken).map(([guard, { seen }]) => {
    const isSeen = (verdict.violations[seen] ?? 0) > 0;
    const missing = isSeen ? {} : { problem: verdict.problem ?? `no "${seen}"` };
    return { ...verdict, run: { ...run, guard }, isRed: isSeen, isAsExpected: isSeen, ...missing };
  });
}

async function play(run: Run, stage: Stage): Promise<Verdict> {
  const began = performance.now();
  nameStory(run.guard ? `${run.name}-without-${run.guard}` : run.name);
  stages.add(stage);
  let problem: string | undefined;
  try {
    await PROOFS[run.name].run(stage);
  } catch (error) {
    problem = error instanceof Error ? (error.stack ?? error.message) : String(error);
  } finally {
    stages.delete(stage);
    await stage.close();
  }
  const { coverage, violations, examples, figures } = stage;
  const isRed = problem !== undefined || Object.keys(violations).length > 0;
  const seconds = Math.round((performance.now() - began) / 100) / 10;
  const found = { run, seconds, isRed, coverage, violations, examples, figures };
  return { ...found, isAsExpected: !isRed, ...(problem ? { problem } : {}) };
}
