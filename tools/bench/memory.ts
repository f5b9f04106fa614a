import { median } from './numbers.js';
import type { Program } from './program.js';

const EVERY_MS = 250;
const MINUTE_MS = 60_000;

export interface MemoryWatch {
  /** Bytes: the highest it was is what its container must have. */
  highest(): number;
  /** How much higher the last minute's median lies than the second minute's: 0.05 is five percent. The first warms up. */
  growth(): number;
  end(): void;
}

/** Watches a program's resident memory. */
export function watchMemory(program: Program): MemoryWatch {
  const seen: { at: number; bytes: number }[] = [];
  const startedAt = performance.now();
  const look = () => void seen.push({ at: performance.now() - startedAt, bytes: program.residentBytes });
  const between = (from: number, to: number) =>
    median(seen.filter(({ at }) => at >= from && at < to).map(({ bytes }) => bytes));
  look();
  const timer = setInterval(look, EVERY_MS).unref();
  return {
    highest: () => seen.reduce((most, { bytes }) => Math.max(most, bytes), 0),
    growth: () => {
      const end = seen.at(-1)?.at ?? 0;
      return between(end - MINUTE_MS, end) / between(MINUTE_MS, 2 * MINUTE_MS) - 1;
    },
    end: () => clearInterval(timer),
  };
}
