import type { DataSource } from 'typeorm';
import type { JobEnd } from '../../contracts/schedules.js';
import { rowOf } from './sql.js';

const BATCH_ROWS = 1_000;
/** So one slot deletes a million rows at most; the next one goes on. */
const BATCHES_MAX = 1_000;

/**
 * Deletes what `condition` finds in `table`, in batches that are transactions of their own, so that no lock is held for
 * long. Rows somebody holds are left for the next slot. `condition` speaks of the row as `t`, its parameters begin at $2.
 */
export function deleteInBatches(
  dataSource: DataSource,
  { table, condition }: { table: string; condition: string },
  parameters: readonly unknown[] = [],
): Promise<JobEnd> {
  const sql = `WITH gone AS (
      DELETE FROM ${table} WHERE ctid = ANY (ARRAY(
        SELECT t.ctid FROM ${table} AS t WHERE ${condition} LIMIT $1 FOR UPDATE OF t SKIP LOCKED))
      RETURNING 1)
    SELECT count(*)::integer AS count FROM gone`;
  return inBatches(dataSource, sql, parameters);
}

/** Runs a statement that deletes up to $1 rows and returns their `count`, until it finds no full batch. */
export async function inBatches(dataSource: DataSource, sql: string, parameters: readonly unknown[]): Promise<JobEnd> {
  let deleted = 0;
  for (let batch = 0; batch < BATCHES_MAX; batch += 1) {
    const { count } = (await rowOf<{ count: number }>(dataSource, sql, [BATCH_ROWS, ...parameters])) ?? { count: 0 };
    deleted += count;
    if (count < BATCH_ROWS) return { outcome: `${deleted} deleted` };
  }
  return { outcome: `${deleted} deleted, more to do` };
}
