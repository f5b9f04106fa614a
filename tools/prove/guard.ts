import type { RunningShop } from '../../test/support/running-shop.js';

/** What a proof leans on, and how it is taken away in a shop of the proof's own. Without it the proof must go red. */
export interface Guard {
  /** What is switched off, for people. */
  readonly what: string;
  /** The violation that must then be seen: any other, or a proof that breaks down, proves nothing. */
  readonly seen: string;
  readonly tamper?: (shop: RunningShop) => Promise<unknown>;
  /** The control's wiring: the environment of the processes of its shop. */
  readonly env?: Readonly<Record<string, string>>;
}
