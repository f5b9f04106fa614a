import { parseArgs } from 'node:util';

const ROWS = 1_000_000;
const ROWS_MIN = 10_001;
const ROWS_MAX = 20_000_000;

export interface Options {
  /** The first rows of the table only, in short rounds. */
  readonly isQuick: boolean;
  /** Fails when a target is missed. */
  readonly isStrict: boolean;
  /** How many orders the large table has. */
  readonly rows: number;
}

/** @throws on what it does not know */
export function readOptions(): Options {
  const options = { quick: { type: 'boolean' }, strict: { type: 'boolean' }, rows: { type: 'string' } } as const;
  const { quick = false, strict = false, rows = String(ROWS) } = parseArgs({ options }).values;
  const count = Number(rows);
  if (!Number.isInteger(count) || count < ROWS_MIN || count > ROWS_MAX) {
    throw new Error(`--rows takes a whole number from ${ROWS_MIN} to ${ROWS_MAX}`);
  }
  return { isQuick: quick, isStrict: strict, rows: count };
}
