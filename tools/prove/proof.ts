import type { Guard } from './guard.js';
import type { Stage } from './stage.js';

export interface Proof {
  /** One sentence. */
  readonly shows: string;
  /** The numbers of the promises in docs/promises.md. */
  readonly promises: readonly string[];
  /** In the round of all proofs, and when it is asked for by name without `--rounds`. */
  readonly rounds: { readonly quick: number; readonly alone: number };
  /** What must have happened at least once: a run that never came to the case it is about has failed. */
  readonly covers: readonly string[];
  /** By the name `--break` knows it by. */
  readonly guards: Readonly<Record<string, Guard>>;
  run(stage: Stage): Promise<void>;
}
