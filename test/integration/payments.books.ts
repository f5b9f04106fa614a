import type { DataSource, Logger } from 'typeorm';
import type { TestDatabase } from '../support/database.js';

/** The events of one payment, oldest first. */
export async function eventsOf(db: TestDatabase, paymentId: string): Promise<string[]> {
  const sql = `SELECT name FROM events WHERE stream = 'payment-' || $1 ORDER BY version`;
  return (await db.query<{ name: string }>(sql, [paymentId])).map(({ name }) => name.replace('payment.', ''));
}

/** What was booked because of a payment: `account amount`. */
export async function bookedFor(db: TestDatabase, paymentId: string): Promise<string[]> {
  const rows = await db.query<{ entry: string }>(
    `SELECT e.account || ' ' || e.amount AS entry FROM ledger_transactions AS t
       JOIN ledger_entries AS e ON e.transaction_id = t.id WHERE t.source_id = $1 ORDER BY e.account`,
    [paymentId],
  );
  return rows.map(({ entry }) => entry);
}

export async function reviewsOf(db: TestDatabase, paymentId: string): Promise<string[]> {
  const sql = `SELECT reason FROM reviews WHERE payment_id = $1 AND resolved_at IS NULL ORDER BY reason`;
  return (await db.query<{ reason: string }>(sql, [paymentId])).map(({ reason }) => reason);
}

export async function refundsOf(db: TestDatabase, paymentId: string): Promise<object[]> {
  return db.query(`SELECT amount::integer, currency, reason, status FROM refunds WHERE payment_id = $1`, [paymentId]);
}

export async function orderStatus(db: TestDatabase, orderId: string): Promise<string | undefined> {
  return (await db.query<{ status: string }>(`SELECT status FROM orders WHERE id = $1`, [orderId]))[0]?.status;
}

/** What is stored under the keys of a payment; null where nothing is yet. */
export async function answersOf(db: TestDatabase, paymentId: string): Promise<(string | null)[]> {
  const rows = await db.query<{ answer: string | null }>(
    `SELECT response_status || ' ' || response_body::text AS answer FROM idempotency_keys WHERE resource_id = $1 ORDER BY key`,
    [paymentId],
  );
  return rows.map(({ answer }) => answer);
}

/**
 * Everything a payment, its order and the books are in the end, without what tells one test payment from another and
 * without counters, times and evidence of the way there.
 */
export async function endOf(db: TestDatabase, paymentId: string): Promise<string> {
  const [row] = await db.query<{ hash: string }>(
    `SELECT md5(concat_ws('|', to_jsonb(p) - ARRAY['id', 'order_id', 'provider_idempotency_key', 'provider_payment_id',
         'version', 'answered_submits', 'checks', 'first_submitted_at', 'last_submitted_at', 'created_at', 'updated_at'],
       p.provider_payment_id IS NOT NULL, o.status,
       (SELECT jsonb_agg(jsonb_build_array(t.kind, e.account, e.currency, e.amount) ORDER BY e.account)
          FROM ledger_transactions AS t JOIN ledger_entries AS e ON e.transaction_id = t.id WHERE t.source_id = p.id),
       (SELECT count(*) FROM refunds AS r WHERE r.payment_id = p.id),
       (SELECT count(*) FROM reviews AS r WHERE r.payment_id = p.id),
       (SELECT count(*) FROM events AS e WHERE e.order_id = o.id AND e.name IN ('payment.succeeded', 'order.completed'))
     )) AS hash FROM payments AS p JOIN orders AS o ON o.id = p.order_id WHERE p.id = $1`,
    [paymentId],
  );
  return row?.hash ?? 'none';
}

/** The statements a piece of work sends, each by its first words; BEGIN and COMMIT too. */
export async function statementsOf(dataSource: DataSource, work: () => Promise<unknown>): Promise<string[]> {
  const sent: string[] = [];
  const before = dataSource.logger;
  dataSource.logger = new Heard(sent);
  try {
    await work();
  } finally {
    dataSource.logger = before;
  }
  return sent;
}

class Heard implements Logger {
  constructor(private readonly sent: string[]) {}

  logQuery(query: string): void {
    this.sent.push(query.replaceAll(/\s+/g, ' ').trim().slice(0, 60));
  }

  logQueryError(): void {}
  logQuerySlow(): void {}
  logSchemaBuild(): void {}
  logMigration(): void {}
  log(): void {}
}
