const CAPTURED = `p.status IN ('succeeded', 'late_succeeded')`;
const LIVE = `p.status IN ('submitting', 'unknown', 'requires_action', 'authorized', 'awaiting_confirmation', 'needs_review')`;
/** A refund whose amount is reserved. */
const HOLDS = `r.status NOT IN ('failed', 'cancelled')`;

/** Each selects the rows that must not be there. */
const CHECKS: Record<string, string> = {
  'ledger does not add up to zero': `SELECT currency FROM ledger_entries GROUP BY currency HAVING sum(amount) <> 0`,
  'ledger transactions unbalanced': `SELECT transaction_id FROM ledger_entries GROUP BY transaction_id, currency
    HAVING sum(amount) <> 0`,
  'ledger transactions empty': `SELECT id FROM ledger_transactions AS t
    WHERE NOT EXISTS (SELECT 1 FROM ledger_entries AS e WHERE e.transaction_id = t.id)`,
  'orders with several succeeded payments': `SELECT order_id FROM payments WHERE status = 'succeeded'
    GROUP BY order_id HAVING count(*) > 1`,
  'orders with several live payments': `SELECT order_id FROM payments AS p WHERE ${LIVE} OR p.status = 'succeeded'
    GROUP BY order_id HAVING count(*) > 1`,
  'captured payments without their ledger entry': `SELECT id FROM payments AS p WHERE ${CAPTURED} AND NOT EXISTS
    (SELECT 1 FROM ledger_transactions AS t JOIN ledger_entries AS e ON e.transaction_id = t.id
      WHERE t.kind = 'capture' AND t.source_id = p.id AND e.account = CASE p.provider WHEN 'stripe' THEN 'provider:stripe' ELSE p.provider END
        AND e.amount = p.captured_amount AND e.currency = p.currency)`,
  'capture entries without a captured payment': `SELECT t.id FROM ledger_transactions AS t
    LEFT JOIN payments AS p ON p.id = t.source_id AND ${CAPTURED} WHERE t.kind = 'capture' AND p.id IS NULL`,
  'captures without their fee': `SELECT t.id FROM ledger_transactions AS t JOIN ledger_entries AS e
    ON e.transaction_id = t.id AND e.account = 'provider:stripe' WHERE t.kind = 'capture'
    AND NOT EXISTS (SELECT 1 FROM ledger_transactions AS f WHERE f.kind = 'fee' AND f.source_id = t.source_id)
    AND NOT EXISTS (SELECT 1 FROM event_deliveries AS d JOIN events AS v ON v.id = d.event_id
      WHERE d.subscriber = 'provider-fees' AND v.payload ->> 'paymentId' = t.source_id::text)`,
  'fees without their capture or dispute': `SELECT f.id FROM ledger_transactions AS f WHERE f.kind = 'fee' AND NOT EXISTS
    (SELECT 1 FROM ledger_transactions AS t WHERE t.source_id = f.source_id AND t.kind IN ('capture', 'dispute'))`,
  'disputes without their bookings, and the reverse': `SELECT d.id FROM disputes AS d
    FULL JOIN (SELECT id, source_id FROM ledger_transactions WHERE kind = 'dispute') AS t ON t.source_id = d.id
    WHERE (d.withdrawn_at IS NOT NULL) <> (t.id IS NOT NULL)`,
  'completed orders without a succeeded payment': `SELECT id FROM orders AS o WHERE o.status = 'completed'
    AND NOT EXISTS (SELECT 1 FROM payments AS p WHERE p.order_id = o.id AND p.status = 'succeeded')`,
  'succeeded payments of orders not completed': `SELECT p.id FROM payments AS p JOIN orders AS o ON o.id = p.order_id
    WHERE p.status = 'succeeded' AND o.status <> 'completed'`,
  'amount or currency differ': `SELECT p.id FROM payments AS p JOIN orders AS o ON o.id = p.order_id
    WHERE p.amount <> o.total_amount OR p.currency <> o.currency
       OR (${CAPTURED} AND p.capture_method = 'automatic' AND p.captured_amount <> p.amount)`,
  'order totals that are not the sum of their lines': `SELECT o.id FROM orders AS o
    JOIN order_items AS i ON i.order_id = o.id GROUP BY o.id HAVING sum(i.unit_amount * i.quantity) <> o.total_amount`,
  'completed orders without exactly one receipt': `SELECT o.id FROM orders AS o WHERE o.status = 'completed' AND 1 <>
    (SELECT count(*) FROM notifications AS n WHERE n.order_id = o.id AND n.kind = 'payment-receipt')`,
  'receipts of orders not completed': `SELECT n.id FROM notifications AS n JOIN orders AS o ON o.id = n.order_id
    WHERE n.kind = 'payment-receipt' AND o.status <> 'completed'`,
  'refunds above captures': `SELECT p.id FROM payments AS p JOIN refunds AS r ON r.payment_id = p.id
    WHERE ${HOLDS} GROUP BY p.id HAVING sum(r.amount) > p.captured_amount`,
  'late successes without their refund': `SELECT p.id FROM payments AS p WHERE p.status = 'late_succeeded' AND NOT EXISTS
    (SELECT 1 FROM refunds AS r WHERE r.payment_id = p.id AND r.amount = p.captured_amount AND ${HOLDS})`,
  'reservations that are not the sum of their refunds': `SELECT p.id FROM payments AS p WHERE p.refunded_amount <>
    (SELECT coalesce(sum(r.amount), 0) FROM refunds AS r WHERE r.payment_id = p.id AND ${HOLDS})`,
  'refunds that are not booked as they are': `SELECT r.id FROM refunds AS r WHERE r.is_booked::integer <>
    (SELECT coalesce(sum(CASE t.kind WHEN 'refund' THEN 1 ELSE -1 END), 0) FROM ledger_transactions AS t
       JOIN ledger_entries AS e ON e.transaction_id = t.id AND e.account = 'refunds'
      WHERE t.source_id = r.id AND e.currency = r.currency
        AND e.amount = CASE t.kind WHEN 'refund' THEN r.amount WHEN 'refund_reversal' THEN -r.amount END)`,
  'refund entries without a refund': `SELECT t.id FROM ledger_transactions AS t
    LEFT JOIN refunds AS r ON r.id = t.source_id WHERE t.kind IN ('refund', 'refund_reversal') AND r.id IS NULL`,
  'successful refunds without exactly one letter': `SELECT e.id FROM events AS e WHERE e.name = 'refund.succeeded' AND 1 <>
    (SELECT count(*) FROM notifications AS n WHERE n.kind = 'refund-issued' AND n.fact_id = (e.payload ->> 'refundId')::uuid)`,
  'pending orders past their time': `SELECT o.id FROM orders AS o WHERE o.status = 'pending'
    AND o.expires_at < now() - interval '10 seconds'
    AND NOT EXISTS (SELECT 1 FROM payments AS p WHERE p.order_id = o.id AND ${LIVE})`,
  'negative stock': `SELECT id FROM products WHERE stock_on_hand < 0`,
  'stock that does not add up': `SELECT p.id FROM products AS p WHERE p.stock_on_hand <>
    (SELECT coalesce(sum(a.delta), 0) FROM stock_adjustments AS a WHERE a.product_id = p.id)
    - (SELECT coalesce(sum(i.quantity), 0) FROM order_items AS i JOIN orders AS o ON o.id = i.order_id
        WHERE i.product_id = p.id AND o.status <> 'cancelled')`,
  'open deliveries': `SELECT event_id FROM event_deliveries`,
  'stuck payments': `SELECT id FROM payments WHERE status IN ('submitting', 'unknown')`,
  'stuck refunds': `SELECT id FROM refunds WHERE status IN ('requested', 'submitting', 'unknown')`,
  'payments for an operator': `SELECT id FROM payments WHERE status = 'needs_review'`,
  'open reviews': `SELECT id FROM reviews WHERE resolved_at IS NULL`,
  'notifications not sent': `SELECT id FROM notifications WHERE status <> 'sent'`,
  'keys used twice': `SELECT user_id FROM idempotency_keys GROUP BY user_id, endpoint, key HAVING count(*) > 1`,
  'answers without their row': `SELECT k.key FROM idempotency_keys AS k WHERE k.response_status = 201
    AND NOT EXISTS (SELECT 1 FROM orders AS o WHERE o.id = k.resource_id)
    AND NOT EXISTS (SELECT 1 FROM payments AS p WHERE p.id = k.resource_id)
    AND NOT EXISTS (SELECT 1 FROM refunds AS r WHERE r.id = k.resource_id)`,
  'settled refunds without a stored answer': `SELECT r.id FROM refunds AS r JOIN idempotency_keys AS k ON k.resource_id = r.id
    WHERE k.response_status IS NULL AND r.status NOT IN ('requested', 'submitting', 'unknown')`,
  'settled payments without a stored answer': `SELECT p.id FROM payments AS p
    JOIN idempotency_keys AS k ON k.resource_id = p.id
    WHERE k.response_status IS NULL AND p.status NOT IN ('submitting', 'unknown', 'needs_review')`,
};

/** One statement, so that all of them look at the same moment. */
export const BOOKS = Object.entries(CHECKS)
  .map(([name, rows]) => `SELECT '${name}' AS name, count(*)::integer AS violations FROM (${rows}) AS violation`)
  .join('\nUNION ALL\n');
