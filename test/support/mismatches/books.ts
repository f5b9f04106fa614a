import { newId } from '../../../src/shared/ids.js';

/** One order with one payment, as the books are to say it: written past every rule of the product. */
export interface BookFacts {
  readonly paymentId: string;
  readonly orderId: string;
  readonly userId: string;
  readonly amount: number;
  readonly currency: string;
  readonly status: string;
  readonly orderStatus: 'pending' | 'completed' | 'cancelled';
  readonly providerPaymentId: string | null;
  readonly capturedAmount?: number;
  /** False: what was captured is not in the ledger. */
  readonly isBooked?: boolean;
  /** The order has no payment at all. */
  readonly isRowless?: boolean;
  /** The order was written before. */
  readonly isOrderThere?: boolean;
  refund?: { readonly id: string; readonly status: string; readonly providerRefundId: string | null };
}

const CAPTURED = ['succeeded', 'late_succeeded'];

/** In one transaction that asks no trigger, as only a superuser can. */
export async function writeBooks(
  { query }: { readonly query: (sql: string) => Promise<unknown> },
  facts: readonly BookFacts[],
): Promise<void> {
  if (facts.length === 0) return;
  const rows = JSON.stringify(facts.map(rowOf)).replaceAll("'", "''");
  await query(`
    BEGIN;
    SET LOCAL session_replication_role = replica;
    CREATE TEMP TABLE written ON COMMIT DROP AS SELECT * FROM jsonb_to_recordset('${rows}'::jsonb) AS row (payment_id uuid,
      order_id uuid, user_id uuid, amount bigint, currency text, status text, order_status text, provider_id text,
      captured bigint, booked bigint, has_order boolean, has_row boolean, refund_id uuid, refund_status text,
      provider_refund_id text, capture_tx uuid, refund_tx uuid, entries uuid[]);
    INSERT INTO orders (id, user_id, status, currency, total_amount, expires_at)
      SELECT order_id, user_id, order_status, currency, amount, now() + interval '1 day' FROM written WHERE has_order;
    INSERT INTO order_items (order_id, product_id, position, sku, name, unit_amount, quantity)
      SELECT order_id, p.id, 1, p.sku, p.name, amount, 1 FROM written, (SELECT * FROM products ORDER BY id LIMIT 1) AS p WHERE has_order;
    INSERT INTO payments (id, order_id, user_id, amount, currency, payment_method, status, provider, provider_payment_id,
        provider_idempotency_key, provider_request, captured_amount, refunded_amount)
      SELECT payment_id, order_id, user_id, amount, currency, 'card', status, 'stripe', provider_id,
        'purser-' || payment_id, '{}', captured, CASE WHEN refund_id IS NULL THEN 0 ELSE captured END FROM written WHERE has_row;
    INSERT INTO ledger_transactions (id, kind, source_id) SELECT capture_tx, 'capture', payment_id FROM written WHERE booked > 0;
    INSERT INTO ledger_entries (id, transaction_id, account, currency, amount)
      SELECT entries[n], capture_tx, CASE n WHEN 1 THEN 'provider:stripe' ELSE 'revenue:orders' END, currency,
        CASE n WHEN 1 THEN booked ELSE -booked END FROM written, generate_series(1, 2) AS n WHERE booked > 0;
    INSERT INTO refunds (id, payment_id, amount, currency, reason, status, provider_refund_id, provider_idempotency_key,
        is_booked, next_check_at)
      SELECT refund_id, payment_id, captured, currency, 'test', refund_status, provider_refund_id,
        'purser-refund-' || refund_id, refund_status = 'succeeded', NULL FROM written WHERE refund_id IS NOT NULL;
    INSERT INTO ledger_transactions (id, kind, source_id)
      SELECT refund_tx, 'refund', refund_id FROM written WHERE refund_status = 'succeeded';
    INSERT INTO ledger_entries (id, transaction_id, account, currency, amount)
      SELECT entries[n], refund_tx, CASE n WHEN 3 THEN 'refunds' ELSE 'provider:stripe' END, currency,
        CASE n WHEN 3 THEN captured ELSE -captured END FROM written, generate_series(3, 4) AS n WHERE refund_status = 'succeeded';
    COMMIT;`);
}

function rowOf(facts: BookFacts): object {
  const { isRowless = false, isOrderThere = false, isBooked = true, refund } = facts;
  const captured = CAPTURED.includes(facts.status) ? (facts.capturedAmount ?? facts.amount) : 0;
  return {
    payment_id: facts.paymentId,
    order_id: facts.orderId,
    user_id: facts.userId,
    amount: facts.amount,
    currency: facts.currency,
    status: facts.status,
    order_status: facts.orderStatus,
    provider_id: facts.providerPaymentId,
    captured,
    booked: isBooked && !isRowless ? captured : 0,
    has_order: !isOrderThere,
    has_row: !isRowless,
    refund_id: refund?.id ?? null,
    refund_status: refund?.status ?? null,
    provider_refund_id: refund?.providerRefundId ?? null,
    capture_tx: newId(),
    refund_tx: newId(),
    entries: [newId(), newId(), newId(), newId()],
  };
}
