import { prepared } from '../../platform/database/statements.js';

/** A timestamptz as every reply writes it: ISO 8601, UTC, milliseconds. */
export function isoUtc(column: string): string {
  return `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}

const ITEMS = `(SELECT json_agg(json_build_object('productId', i.product_id, 'sku', i.sku, 'name', i.name,
    'unitAmount', i.unit_amount, 'quantity', i.quantity) ORDER BY i.position) FROM order_items AS i WHERE i.order_id = o.id)`;

/** The JSON of an OrderView from a row `o`: a reply is one statement, and nothing is mapped twice. */
function orderView(items: string): string {
  return `json_build_object('id', o.id, 'status', o.status, 'currency', o.currency, 'totalAmount', o.total_amount,
    'items', ${items}, 'expiresAt', ${isoUtc('o.expires_at')}, 'createdAt', ${isoUtc('o.created_at')})`;
}

export const VIEW = orderView(ITEMS);

/** As text, for replies: the driver would parse JSON, only to have it written again. */
const TEXT = `${VIEW}::text AS text`;

/**
 * Order, lines, idempotency key with its answer, and event: one round trip, all or nothing. A twin waits on the key's
 * primary key and then fails on it, which takes its stock back too.
 */
export const PLACE = prepared(
  'orders.place',
  `WITH o AS (
     INSERT INTO orders (id, user_id, currency, total_amount, expires_at)
       VALUES ($1, $2, $3, $4, now() + $5 * interval '1 second') RETURNING *),
   lines AS (
     INSERT INTO order_items (order_id, product_id, position, sku, name, unit_amount, quantity)
       SELECT $1::uuid, line.product_id, line.position, line.sku, line.name, line.unit_amount, line.quantity
         FROM ROWS FROM (json_to_recordset($6::json)
           AS ("productId" uuid, sku text, name text, "unitAmount" bigint, quantity integer))
         WITH ORDINALITY AS line (product_id, sku, name, unit_amount, quantity, position)),
   answer AS (SELECT ${orderView('$6::json')} AS view FROM o),
   keyed AS (
     INSERT INTO idempotency_keys (user_id, endpoint, key, request_hash, resource_id, response_status, response_body)
       SELECT $2::uuid, $7, $8, $9, $1::uuid, 201, view FROM answer)
   SELECT answer.view, append_event($10, 'order-' || o.id, o.version, o.id, $11, $12, $13, $14) AS recorded
     FROM o, answer`,
);

/** One order, as its reader may see it. What of it is the caller's: the reference of the bench reads another form. */
export const selectOne = (columns: string) =>
  `SELECT ${columns} FROM orders AS o WHERE o.id = $1 AND ($2::uuid IS NULL OR o.user_id = $2)`;

export const selectMine = (columns: string) => `SELECT ${columns} FROM orders AS o
    WHERE o.user_id = $3 AND o.id < $1 AND ($4::text IS NULL OR o.status = $4) ORDER BY o.id DESC LIMIT $2`;

export const GET = prepared('orders.get', selectOne(TEXT));

/** The same of several, each with its own reader. */
export const GET_SEVERAL = prepared(
  'orders.get_several',
  `SELECT asked.position::integer, ${TEXT} FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS asked (id, reader, position)
     JOIN orders AS o ON o.id = asked.id AND (asked.reader IS NULL OR o.user_id = asked.reader)`,
);

// Separate texts, not one with ORs: a generic plan for "mine or everybody's" would walk the whole table for mine.
export const LIST_MINE = prepared('orders.list_mine', selectMine(`o.id, ${TEXT}`));
export const LIST_ALL = prepared(
  'orders.list_all',
  `SELECT o.id, ${TEXT} FROM orders AS o WHERE o.id < $1 ORDER BY o.id DESC LIMIT $2`,
);
export const LIST_BY_STATUS = prepared(
  'orders.list_by_status',
  `SELECT o.id, ${TEXT} FROM orders AS o WHERE o.status = $3 AND o.id < $1 ORDER BY o.id DESC LIMIT $2`,
);

export const IS_VISIBLE = prepared(
  'orders.is_visible',
  `SELECT 1 AS visible FROM orders WHERE id = $1 AND ($2::uuid IS NULL OR user_id = $2)`,
);

export const LOCK = prepared(
  'orders.lock',
  `SELECT id, user_id AS "userId", status, total_amount::integer AS "totalAmount", currency,
          expires_at <= clock_timestamp() AS "isExpired"
     FROM orders WHERE id = $1 AND ($2::uuid IS NULL OR user_id = $2) FOR UPDATE`,
);

// The owner is the row's: the caller names the order only.
const RECORD = `append_event($2, 'order-' || o.id, o.version, o.id, $3,
  $4::jsonb || jsonb_build_object('userId', o.user_id), $5, $6)`;

export const COMPLETE = prepared(
  'orders.complete',
  `WITH o AS (
     UPDATE orders SET status = 'completed', version = version + 1, updated_at = now()
      WHERE id = $1 AND status = ANY ($7) RETURNING *)
   SELECT ${RECORD} AS recorded FROM o`,
);

export const CANCEL = `
  WITH o AS (
    UPDATE orders SET status = 'cancelled', cancel_reason = $8, version = version + 1, updated_at = now()
     WHERE id = $1 AND status = ANY ($7) RETURNING *)
  SELECT ${VIEW} AS view, ${RECORD} AS recorded FROM o`;

export const ITEMS_OF = `SELECT product_id AS "productId", quantity FROM order_items WHERE order_id = $1`;

export const SUMMARY = `SELECT o.id AS "orderId", o.total_amount::integer AS "totalAmount", o.currency,
    (SELECT json_agg(json_build_object('name', i.name, 'quantity', i.quantity, 'unitAmount', i.unit_amount)
       ORDER BY i.position) FROM order_items AS i WHERE i.order_id = o.id) AS items
  FROM orders AS o WHERE o.id = $1`;

export const TIMELINE = `SELECT id, ${isoUtc('occurred_at')} AS at, name AS event, payload AS facts
  FROM events
 WHERE order_id = $1
   AND ($2::uuid IS NULL OR (occurred_at, id) > (SELECT occurred_at, id FROM events WHERE id = $2 AND order_id = $1))
 ORDER BY occurred_at, id LIMIT $3`;

/** Pending orders past their time, behind a cursor: those a payment holds do not hide the ones after them. */
export const EXPIRED = prepared(
  'orders.expired',
  `SELECT id, expires_at::text AS "expiresAt" FROM orders
    WHERE status = 'pending' AND expires_at <= now() AND (expires_at, id) > ($1::timestamptz, $2::uuid)
    ORDER BY expires_at, id LIMIT $3`,
);

export const LOCK_EXPIRED = prepared(
  'orders.lock_expired',
  `SELECT id FROM orders WHERE id = $1 AND status = 'pending' AND expires_at <= now() FOR UPDATE SKIP LOCKED`,
);

/** Not a change of the order's life, so it has no event; who chose the payment is told by the payment's own. */
export const EXTEND = `UPDATE orders SET expires_at = now() + $2 * interval '1 second', updated_at = now() WHERE id = $1`;
