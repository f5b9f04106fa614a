import type { MismatchClass } from './comparison/mismatch.js';
import type { Compared } from './reconciliations.repository.js';
import type { Window } from './stripe-lists.js';

/** One reconciliation while it is under way. It holds counts and the names of what differs, never the lists themselves. */
export class Run implements Window {
  readonly compared: Record<keyof Required<Compared>, number> = { payments: 0, charges: 0, refunds: 0 };
  /** Mismatches that an earlier run has found, by class. */
  readonly known = new Map<MismatchClass, Set<string>>();

  constructor(
    readonly id: string,
    readonly from: Date,
    readonly to: Date,
  ) {}

  noteKnown(mismatchClass: MismatchClass, subject: string): void {
    const subjects = this.known.get(mismatchClass) ?? new Set();
    this.known.set(mismatchClass, subjects.add(subject));
  }
}
