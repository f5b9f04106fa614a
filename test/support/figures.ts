/** Tells what was measured for a promise, beside jest's report: docs/promises.md keeps the last of these lines. */
export function tell(promise: string, figure: string): void {
  process.stderr.write(`    ${promise}: ${figure}\n`);
}

/** Nearest-rank percentile, `share` from 0 to 1. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}
