import type { ValueTransformer } from 'typeorm';

/** PostgreSQL's bigint as a safe integer; the driver hands it over as a string. */
export const safeInteger: ValueTransformer = {
  to: (value: number | null) => value,
  from: (value: string | null) => (value === null ? null : exact(value)),
};

/** @throws RangeError beyond ±2^53, where a double would round. */
export function exact(value: string | number): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new RangeError(`${value} is not a safe integer`);
  return number;
}
