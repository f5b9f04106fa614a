import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { percentilesOf, type Percentiles } from './measure.js';
import type { Setting } from './setting.js';

const WAIT_MAX_MS = 120_000;
const LOOK_MS = 250;

const LAGS = `SELECT extract(epoch FROM n.created_at - o.created_at) * 1000 AS ms
  FROM orders AS o LEFT JOIN notifications AS n ON n.order_id = o.id AND n.kind = 'payment-receipt'
 WHERE o.status = 'completed' AND o.created_at >= $1`;

/** The database's time, from which on purchases are looked at. */
export async function databaseTime({ superuserUrl }: Setting): Promise<string> {
  const [row] = await ask<{ now: string }>(superuserUrl, 'SELECT now()::text AS now', []);
  return row?.now ?? '';
}

/**
 * Milliseconds from an order to the row of its receipt, by PostgreSQL's clock, over all purchases made since then. Waits
 * until every one has its row: a purchase is not over before.
 */
export async function receiptLags(
  { superuserUrl }: Setting,
  since: string,
): Promise<Percentiles & { purchases: number }> {
  for (const end = Date.now() + WAIT_MAX_MS; ; await pause(LOOK_MS)) {
    const lags = await ask<{ ms: string | null }>(superuserUrl, LAGS, [since]);
    const open = lags.filter(({ ms }) => ms === null).length;
    if (open === 0) return { ...percentilesOf(lags.map(({ ms }) => Number(ms))), purchases: lags.length };
    if (Date.now() > end) throw new Error(`${open} purchases have no receipt`);
  }
}

async function ask<Row extends pg.QueryResultRow>(url: string, sql: string, values: unknown[]): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(sql, values)).rows;
  } finally {
    await client.end();
  }
}
