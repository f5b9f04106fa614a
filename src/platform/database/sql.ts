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
