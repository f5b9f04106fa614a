import type { Program } from './program.js';

const EVERY_MS = 250;

/** Watches a program's resident memory; the highest it was is what its container must have. */
export function watchMemory(program: Program): { end: () => number } {
  let highest = 0;
  const look = () => (highest = Math.max(highest, program.residentBytes));
  const timer = setInterval(look, EVERY_MS).unref();
  return {
    end: () => {
      clearInterval(timer);
      look();
      return highest;
    },
  };
}
