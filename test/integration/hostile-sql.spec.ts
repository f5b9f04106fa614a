import pg from 'pg';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

jest.setTimeout(60_000);

const NO_PRIVILEGE = '42501';
const APPEND_ONLY = '0A000';
const CHECK = '23514';
const UNIQUE = '23505';

/** Tables that only grow, and a column to rewrite. */
const GROWING = { ledger_transactions: 'kind', ledger_entries: 'amount', events: 'name', provider_calls: 'outcome' };
const SEALED = { ...GROWING, ledger_seals: 'hash' };

interface Attempt {
  readonly what: string;
  readonly sql: readonly string[];
  readonly refusedWith: string;
}

const CAPTURE = (id: string) =>
  `INSERT INTO ledger_transactions (id, kind, source_id) VALUES ('${id}', 'capture', '${id}')`;
const ENTRY = (transactionId: string, amount: number) =>
  `INSERT INTO ledger_entries (id, transaction_id, account, currency, amount)
   VALUES (gen_random_uuid(), '${transactionId}', 'bank', 'USD', ${amount})`;

const OLD = '0190a1b2-0000-7000-8000-000000000001';
const NEW = '0190a1b2-0000-7000-8000-000000000002';
const PAYMENT = '0190a1b2-0000-7000-8000-00000000000a';

/** What somebody tries who has taken over the application, and with it its role. Each in a transaction of its own. */
const ATTEMPTS: readonly Attempt[] = [
  ...Object.entries(SEALED).flatMap(([table, column]) => [
    { what: `rewriting ${table}`, sql: [`UPDATE ${table} SET ${column} = ${column}`], refusedWith: NO_PRIVILEGE },
    { what: `deleting from ${table}`, sql: [`DELETE FROM ${table}`], refusedWith: NO_PRIVILEGE },
    { what: `emptying ${table}`, sql: [`TRUNCATE ${table} CASCADE`], refusedWith: NO_PRIVILEGE },
  ]),
  { what: 'an entry without its other side', sql: [CAPTURE(NEW), ENTRY(NEW, 100)], refusedWith: CHECK },
  { what: 'two sides that differ', sql: [CAPTURE(NEW), ENTRY(NEW, 100), ENTRY(NEW, -99)], refusedWith: CHECK },
  { what: 'a ledger transaction without entries', sql: [CAPTURE(NEW)], refusedWith: CHECK },
  { what: 'a pair added to an old transaction', sql: [ENTRY(OLD, 5), ENTRY(OLD, -5)], refusedWith: CHECK },
  {
    what: 'a booking made twice',
    sql: [CAPTURE(OLD).replace(`('${OLD}'`, `('${NEW}'`), ENTRY(NEW, 1), ENTRY(NEW, -1)],
    refusedWith: UNIQUE,
  },
  {
    what: 'a second live payment of one order',
    sql: [
      `INSERT INTO payments (id, order_id, user_id, amount, currency, payment_method, status, provider,
         provider_idempotency_key, provider_request)
       SELECT gen_random_uuid(), order_id, user_id, amount, currency, payment_method, 'submitting', provider, 'twin', '{}'
         FROM payments WHERE id = '${PAYMENT}'`,
    ],
    refusedWith: UNIQUE,
  },
  { what: 'negative stock', sql: [`UPDATE products SET stock_on_hand = -1`], refusedWith: CHECK },
  {
    what: 'more refunded than captured',
    sql: [`UPDATE payments SET refunded_amount = captured_amount + 1 WHERE id = '${PAYMENT}'`],
    refusedWith: CHECK,
  },
  {
    what: 'more captured than owed',
    sql: [`UPDATE payments SET captured_amount = amount + 1 WHERE id = '${PAYMENT}'`],
    refusedWith: CHECK,
  },
  {
    what: 'dropping a guard',
    sql: [`ALTER TABLE products DROP CONSTRAINT products_sku_key`],
    refusedWith: NO_PRIVILEGE,
  },
  {
    what: 'switching a trigger off',
    sql: [`ALTER TABLE ledger_entries DISABLE TRIGGER USER`],
    refusedWith: NO_PRIVILEGE,
  },
  { what: 'a table of its own', sql: [`CREATE TABLE stray (id integer)`], refusedWith: NO_PRIVILEGE },
  { what: 'dropping a table', sql: [`DROP TABLE ledger_seals`], refusedWith: NO_PRIVILEGE },
];

/** What the owner would have to do first. */
const GUARDS_DROPPED = [
  ...Object.keys(SEALED).map((table) => `ALTER TABLE ${table} DISABLE TRIGGER USER`),
  `GRANT ALL ON ALL TABLES IN SCHEMA public TO purser_app`,
  `ALTER TABLE ledger_transactions DROP CONSTRAINT ledger_transactions_kind_source_id_key`,
  `ALTER TABLE ledger_entries DROP CONSTRAINT ledger_entries_transaction_id_fkey`,
  `DROP INDEX payments_one_live_per_order`,
  `ALTER TABLE products DROP CONSTRAINT products_stock_is_not_negative`,
  `ALTER TABLE payments DROP CONSTRAINT payments_amounts_are_ordered`,
  `DROP TRIGGER payments_refunds_add_up ON payments`,
  `GRANT CREATE ON SCHEMA public TO purser_app`,
  ...['products', 'ledger_entries', 'ledger_seals'].map((table) => `ALTER TABLE ${table} OWNER TO purser_app`),
];

async function aShop(): Promise<{ database: TestDatabase; app: pg.Client }> {
  const database = await createTestDatabase();
  await database.query(
    `WITH u AS (INSERT INTO users (id, email, password_hash) VALUES (gen_random_uuid(), 'a@purser.test', 'x') RETURNING id),
       o AS (INSERT INTO orders (id, user_id, status, currency, total_amount, expires_at)
             SELECT gen_random_uuid(), id, 'completed', 'USD', 500, now() FROM u RETURNING id, user_id)
     INSERT INTO payments (id, order_id, user_id, amount, currency, payment_method, status, provider,
       provider_idempotency_key, provider_request, captured_amount)
     SELECT '${PAYMENT}', id, user_id, 500, 'USD', 'card', 'succeeded', 'stripe', 'first', '{}', 500 FROM o`,
  );
  await database.query(
    `INSERT INTO products (id, sku, name, description, unit_amount, currency, stock_on_hand, is_active)
     VALUES (gen_random_uuid(), 'MUG', 'Mug', '', 500, 'USD', 3, true)`,
  );
  const app = new pg.Client({ connectionString: database.databaseUrl });
  await app.connect();
  for (const sql of ['BEGIN', CAPTURE(OLD), ENTRY(OLD, 100), ENTRY(OLD, -100), 'COMMIT']) await app.query(sql);
  return { database, app };
}

/** The SQLSTATE of whoever refused, at the latest when it commits; undefined when nobody did. */
async function refusalOf(app: pg.Client, sql: readonly string[]): Promise<string | undefined> {
  try {
    await app.query('BEGIN');
    for (const statement of sql) await app.query(statement);
    await app.query('COMMIT');
    return undefined;
  } catch (error) {
    return (error as { code?: string }).code;
  } finally {
    await app.query('ROLLBACK');
  }
}

describe("hostile SQL as the application's role", () => {
  let shop: { database: TestDatabase; app: pg.Client };

  beforeAll(async () => {
    shop = await aShop();
  });

  afterAll(async () => {
    await shop?.app.end();
    await shop?.database.drop();
  });

  it.each(ATTEMPTS)('is refused: $what ($refusedWith)', async ({ sql, refusedWith }) => {
    expect(await refusalOf(shop.app, sql)).toBe(refusedWith);
  });

  it.each(Object.entries(SEALED))(
    'is refused by the table itself, even with every grant: %s',
    async (table, column) => {
      const owner = new pg.Client({ connectionString: shop.database.migratorUrl });
      await owner.connect();
      for (const sql of [
        `UPDATE ${table} SET ${column} = ${column}`,
        `DELETE FROM ${table}`,
        `TRUNCATE ${table} CASCADE`,
      ]) {
        expect(await refusalOf(owner, [sql])).toBe(APPEND_ONLY);
      }
      await owner.end();
    },
  );

  it('has left nothing behind', async () => {
    const [left] = await shop.database.query(
      `SELECT (SELECT count(*)::integer FROM ledger_transactions) AS transactions,
              (SELECT count(*)::integer FROM ledger_entries) AS entries,
              (SELECT count(*)::integer FROM payments) AS payments`,
    );
    expect(left).toEqual({ transactions: 1, entries: 2, payments: 1 });
  });
});

describe('hostile SQL where the owner has dropped the guards (control)', () => {
  let shop: { database: TestDatabase; app: pg.Client };

  beforeAll(async () => {
    shop = await aShop();
    for (const sql of GUARDS_DROPPED) await shop.database.query(sql);
  });

  afterAll(async () => {
    await shop?.app.end();
    await shop?.database.drop();
  });

  it('succeeds, every attempt of it', async () => {
    for (const { what, sql } of ATTEMPTS) {
      // Rolled back, so that one attempt leaves the next what it needs.
      const outcome = await refusalOf(shop.app, [...sql, 'SET CONSTRAINTS ALL IMMEDIATE', 'ROLLBACK', 'BEGIN']);
      expect([what, outcome]).toEqual([what, undefined]);
    }
  });
});
