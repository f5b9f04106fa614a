import { seeded } from '../sandbox/core/random.js';
import { type RunningShop, type ShopOptions, startShop } from '../../test/support/running-shop.js';
import type { Guard } from './guard.js';

const EXAMPLES_MAX = 3;
/** After the faults stop, everything must be quiet within this. */
export const QUIET_MS = 60_000;
/** A control has nothing to wait for: what it shows is there at once, or never. */
const QUIET_CONTROL_MS = 5_000;
/** A long run is longer than the life of a token; nothing here is about that. */
const ENVIRONMENT = { ACCESS_TOKEN_TTL_SECONDS: '86400' };

export interface Effort {
  readonly rounds: number;
  readonly seed: number;
  readonly isQuick: boolean;
}

/** Where one proof plays: its shops, its dice, and what it finds. */
export class Stage {
  readonly coverage: Record<string, number> = {};
  readonly violations: Record<string, number> = {};
  /** A few of each violation, as they were seen. */
  readonly examples: Record<string, string[]> = {};
  readonly figures: Record<string, number> = {};
  readonly rounds: number;
  readonly isQuick: boolean;
  /** Between 0 and 1; the same seed throws the same again. */
  readonly random: () => number;
  private readonly shops: RunningShop[] = [];

  constructor(
    effort: Effort,
    /** The guards that are switched off, by their names; none in the proof itself. */
    private readonly broken: Readonly<Record<string, Guard>> = {},
  ) {
    this.rounds = effort.rounds;
    this.isQuick = effort.isQuick;
    this.random = seeded(effort.seed);
  }

  /** Whether this is a control: of any guard, or of the one named. */
  isWithout(guard?: string): boolean {
    return guard === undefined ? Object.keys(this.broken).length > 0 : guard in this.broken;
  }

  /** Two web servers and two workers; for a control one of each, without what is to be missing. Ended with the stage. */
  async shop({ env, ...options }: ShopOptions = {}): Promise<RunningShop> {
    const count = this.isWithout() ? 1 : 2;
    const guards = Object.values(this.broken);
    const wiring = Object.assign({}, ENVIRONMENT, env, ...guards.map((guard) => guard.env)) as Record<string, string>;
    const shop = await startShop({ web: count, workers: count, ...options, env: wiring });
    this.shops.push(shop);
    for (const guard of guards) await guard.tamper?.(shop);
    return shop;
  }

  async close(): Promise<void> {
    await Promise.all(this.shops.splice(0).map((shop) => shop.stop()));
  }

  /** A whole number from 0 to `below`, less one. */
  dice(below: number): number {
    return Math.floor(this.random() * below);
  }

  pick<T>(from: readonly T[]): T {
    const picked = from[this.dice(from.length)];
    if (picked === undefined) throw new Error('there is nothing to pick from');
    return picked;
  }

  shuffled<T>(all: readonly T[]): T[] {
    const left = [...all];
    return all.map(() => left.splice(this.dice(left.length), 1)).flat();
  }

  /** Counts a case the proof is about. */
  reached(what: string, times = 1): void {
    this.coverage[what] = (this.coverage[what] ?? 0) + times;
  }

  violated(what: string, example: unknown, times = 1): void {
    this.violations[what] = (this.violations[what] ?? 0) + times;
    const examples = (this.examples[what] ??= []);
    if (examples.length < EXAMPLES_MAX) examples.push(typeof example === 'string' ? example : JSON.stringify(example));
  }

  expect(what: string, holds: boolean, example: unknown): void {
    if (!holds) this.violated(what, example);
  }

  /** The largest value seen. */
  note(figure: string, value: number): void {
    this.figures[figure] = Math.max(this.figures[figure] ?? 0, Math.round(value));
  }

  /** Waits until nothing is under way, and says so when that takes too long. */
  async untilQuiet(shop: RunningShop): Promise<void> {
    const began = performance.now();
    try {
      await shop.quiet(this.isWithout() ? QUIET_CONTROL_MS : QUIET_MS);
      this.note('ms until quiet', performance.now() - began);
    } catch (error) {
      this.violated('not quiet in time', error instanceof Error ? error.message : error);
    }
  }

  /** Waits until the shop is quiet, and then looks at its books and at the provider's. */
  async lookAtBooks(shop: RunningShop): Promise<void> {
    await this.untilQuiet(shop);
    for (const [what, times] of Object.entries(await shop.violations())) this.violated(what, `${times} times`, times);
  }
}
