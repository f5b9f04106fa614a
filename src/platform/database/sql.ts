import type { DataSource, EntityManager } from 'typeorm';

/**
 * The rows a statement returns. TypeORM answers a raw UPDATE or DELETE with `[rows, count]` and everything else with
 * the rows; this is the one place that knows.
 */
export async function rowsOf<Row>(
  on: DataSource | EntityManager,
  sql: string,
  parameters: unknown[] = [],
): Promise<Row[]> {
  const raw: unknown = await on.query(sql, parameters);
  if (!Array.isArray(raw)) return [];
  const isPair = raw.length === 2 && Array.isArray(raw[0]) && typeof raw[1] === 'number';
  return (isPair ? raw[0] : raw) as Row[];
}

/** The only row a statement returns, or undefined. */
export async function rowOf<Row>(
  on: DataSource | EntityManager,
  sql: string,
  parameters: unknown[] = [],
): Promise<Row | undefined> {
  const [row] = await rowsOf<Row>(on, sql, parameters);
  return row;
}

/**
 * SQL for the lowest UUIDv7 of a moment. Ids are made in the order of time by their maker's clock, so a range of ids
 * with some room for clocks that differ is a range of time that the primary key finds.
 */
export function firstIdAt(moment: string): string {
  const hex = `lpad(to_hex((extract(epoch FROM ${moment}) * 1000)::bigint), 12, '0')`;
  return `rpad(${hex}, 32, '0')::uuid`;
}
