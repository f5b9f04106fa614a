import { parseArgs } from 'node:util';
import { newSeed } from '../sandbox/core/random.js';
import { PROOF_NAMES, PROOFS, type ProofName } from './proofs.js';

export interface Options {
  /** All of them when none is named. */
  readonly name?: ProofName;
  readonly rounds?: number;
  readonly seed: number;
  readonly guard?: string;
}

/** What was asked for cannot be done; the sentence says why. */
export class Usage extends Error {}

/** @throws Usage */
export function readOptions(args: readonly string[]): Options {
  const { values, positionals } = parsed(args);
  const [name, ...more] = positionals;
  if (name === 'help') throw new Usage('');
  if (more.length > 0) throw new Usage('One proof at a time, or none for all of them.');
  if (name !== undefined && !isProof(name)) throw new Usage(`There is no proof "${name}".`);
  const guard = values.break;
  if (guard !== undefined && !name) throw new Usage('--break goes with the name of a proof.');
  if (guard !== undefined && name && !(guard in PROOFS[name].guards)) {
    throw new Usage(`"${name}" has no guard "${guard}", but: ${Object.keys(PROOFS[name].guards).join(', ')}.`);
  }
  const rounds = values.rounds === undefined ? undefined : counted('--rounds', values.rounds, 1);
  const seed = values.seed === undefined ? newSeed() : counted('--seed', values.seed, 0);
  return { seed, ...(name ? { name } : {}), ...(rounds ? { rounds } : {}), ...(guard ? { guard } : {}) };
}

function parsed(args: readonly string[]) {
  const text = { type: 'string' } as const;
  try {
    const options = { rounds: text, seed: text, break: text };
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new Usage(error instanceof Error ? error.message : String(error));
  }
}

function isProof(name: string): name is ProofName {
  return name in PROOFS;
}

function counted(option: string, value: string, least: number): number {
  const count = Number(value);
  if (!Number.isSafeInteger(count) || count < least || count >= 2 ** 32) {
    throw new Usage(`${option} is a whole number from ${least}.`);
  }
  return count;
}

export const USAGE = [
  'npm run prove                       every proof in short, each with its controls',
  'npm run prove -- <name>             one proof, at length',
  '  --rounds N  --seed N              how long, and which dice',
  '  --break=<guard>                   without this guard: must go red',
  '',
  ...PROOF_NAMES.map((name) => {
    const { shows, guards } = PROOFS[name];
    return `${name.padEnd(12)} ${shows}\n${' '.repeat(13)}guards: ${Object.keys(guards).join(', ')}`;
  }),
].join('\n');
