import type { Reply } from './client.js';
import type { RunningShop } from './running-shop.js';

const TABLES = [
  'users',
  'products',
  'stock_adjustments',
  'orders',
  'order_items',
  'idempotency_keys',
  'payments',
].concat([
  'refunds',
  'reviews',
  'webhook_inbox',
  'ledger_transactions',
  'ledger_entries',
  'notifications',
  'reconciliations',
  'audit_details',
  // That a key or a session is used is no change; keys of the tests' own programs come and go.
  `(SELECT id, user_id, revoked_at FROM sessions)`,
  `(SELECT id, user_id, name, scopes, revoked_at FROM api_keys WHERE name <> 'of a program')`,
  // The clock goes on whatever anybody asks.
  `(SELECT * FROM events WHERE stream !~ '^(schedule|sales)-')`,
  `(SELECT * FROM event_deliveries WHERE subscriber <> 'schedules')`,
]);

/** Every row of every table, in one word. */
export async function everythingIn(shop: Pick<RunningShop, 'query'>): Promise<string> {
  const parts = TABLES.map(
    (table) => `(SELECT coalesce(string_agg(r::text, '' ORDER BY r::text), '') FROM ${table} AS r)`,
  );
  return (await shop.query<{ all: string }>(`SELECT md5(${parts.join(' || ')}) AS all`))[0]?.all ?? '';
}

export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly pointer?: string;
}

/** The one form every refusal has, and that it has changed and told nothing. */
export async function expectRefused(
  shop: RunningShop,
  ask: () => Promise<Reply>,
  { status, code, pointer }: Refusal,
): Promise<Reply> {
  const before = await everythingIn(shop);
  const reply = await ask();
  expect([reply.status, reply.body.code]).toEqual([status, code]);
  expect(reply.headers.get('content-type')).toContain('application/problem+json');
  expect(reply.body).toMatchObject({ status, title: expect.any(String), detail: expect.any(String) });
  expect(reply.body).toMatchObject({ type: `/problems/${code}`, requestId: reply.headers.get('x-request-id') });
  if (pointer) expect(reply.body.errors?.map((mistake) => mistake.pointer)).toContain(pointer);
  expect(reply.text).not.toMatch(/\bat .+:\d+:\d+|SELECT |INSERT |typeorm|node_modules|QueryFailed/i);
  expect(await everythingIn(shop)).toBe(before);
  return reply;
}
