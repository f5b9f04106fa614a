import pg from 'pg';
import type { Setting } from './setting.js';

const PRODUCTS = 1_000;
const ORDERS = 2_000;
const LINES_PER_ORDER = 3;
const NEWEST_MAX = 50_000;

/** What the requests name. */
export interface Fixture {
  readonly userId: string;
  readonly productIds: readonly string[];
  readonly orderIds: readonly string[];
}

const STOCK_PRODUCTS = `INSERT INTO products (id, sku, name, unit_amount, currency, stock_on_hand)
  SELECT gen_random_uuid(), 'BENCH-' || n, 'Bench product ' || n, 1490, 'USD', 1000000000
    FROM generate_series(1, $1) AS n RETURNING id`;

const WRITE_ORDERS = `INSERT INTO orders (id, user_id, currency, total_amount, expires_at)
  SELECT gen_random_uuid(), $1, 'USD', 4470, now() + interval '1 day' FROM generate_series(1, $2) RETURNING id`;

const WRITE_LINES = `INSERT INTO order_items (order_id, product_id, position, sku, name, unit_amount, quantity)
  SELECT o.id, p.id, line, p.sku, p.name, p.unit_amount, 1
    FROM unnest($1::uuid[]) WITH ORDINALITY AS o (id, n) CROSS JOIN generate_series(1, $3) AS line
    JOIN products AS p ON p.id = ($2::uuid[])[1 + (o.n * $3 + line) % cardinality($2::uuid[])]`;

/** Orders of the past, one a second since 300 days ago; their ids are UUIDv7 of that moment, as real ones are. */
const WRITE_PAST = `WITH past AS (
    INSERT INTO orders (id, user_id, currency, total_amount, expires_at, status)
    SELECT (lpad(to_hex(((extract(epoch FROM now() - interval '300 days') + n) * 1000)::bigint), 12, '0')
            || '7' || substr(md5(n::text), 1, 3) || '8' || substr(md5(n::text), 4, 15))::uuid,
           $1::uuid, 'USD', 4470, now(), 'cancelled'
      FROM generate_series($2::bigint, $3::bigint) AS n RETURNING id)
  INSERT INTO order_items (order_id, product_id, position, sku, name, unit_amount, quantity)
  SELECT past.id, product, line, 'BENCH-' || line, 'Bench product ' || line, 1490, 1
    FROM past CROSS JOIN unnest($4::uuid[]) WITH ORDINALITY AS lines (product, line)`;
const PAST_BATCH = 50_000;

const NEWEST_PAST = `SELECT id FROM orders WHERE status = 'cancelled' ORDER BY id DESC LIMIT $1`;

/** Fills the seeded shop with enough products that orders seldom wait for each other, and with orders to read. */
export async function fill({ superuserUrl, login }: Setting): Promise<Fixture> {
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    const users = await client.query<{ id: string }>('SELECT id FROM users WHERE email = $1', [login.email]);
    const userId = users.rows[0]?.id;
    if (!userId) throw new Error('the seeded customer is missing');
    const productIds = await idsOf(client, STOCK_PRODUCTS, [PRODUCTS]);
    const orderIds = await idsOf(client, WRITE_ORDERS, [userId, ORDERS]);
    await client.query(WRITE_LINES, [orderIds, productIds, LINES_PER_ORDER]);
    await client.query('ANALYZE');
    await client.query('CHECKPOINT');
    return { userId, productIds, orderIds };
  } finally {
    await client.end();
  }
}

/**
 * Writes the orders of the past from number `from` to number `rows`, and answers the ids of the newest twentieth of
 * them (at most 50,000).
 */
export async function grow(
  { superuserUrl }: Setting,
  { userId, productIds }: Fixture,
  { from, rows }: { from: number; rows: number },
): Promise<string[]> {
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    const products = productIds.slice(0, LINES_PER_ORDER);
    await client.query('SET synchronous_commit = off');
    for (let first = from; first <= rows; first += PAST_BATCH) {
      const last = Math.min(rows, first + PAST_BATCH - 1);
      await client.query(WRITE_PAST, [userId, first, last, products]);
    }
    await client.query('VACUUM (ANALYZE) orders, order_items');
    await client.query('CHECKPOINT');
    return await idsOf(client, NEWEST_PAST, [Math.min(NEWEST_MAX, Math.ceil(rows / 20))]);
  } finally {
    await client.end();
  }
}

async function idsOf(client: pg.Client, sql: string, values: unknown[]): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(sql, values);
  return rows.map(({ id }) => id);
}
