/**
 * One thing that happened to an order, or work that is left about it.
 * @typedef {{ at: Date, what: string, how: string, request: string }} Entry
 */

/** In the currency's smallest unit, as it is stored; nothing where there is no amount. */
const MONEY = (/** @type {string} */ amount, /** @type {string} */ currency) => `${amount} || ' ' || ${currency}`;

/** `$1` is the order in every one of them. What finished is in the events; deliveries are there only while work is left. */
const SOURCES = [
  `SELECT e.occurred_at AS at, e.name AS what, coalesce(e.metadata ->> 'requestId', '') AS request,
          concat_ws(', ', 'payment ' || (e.payload ->> 'paymentId'), 'refund ' || (e.payload ->> 'refundId'),
            'mail ' || (e.payload ->> 'notificationId'), e.payload ->> 'reason', e.payload ->> 'outcome',
            ${MONEY(`coalesce(e.payload ->> 'capturedAmount', e.payload ->> 'amount', e.payload ->> 'totalAmount')`, `(e.payload ->> 'currency')`)},
            'by user ' || (e.metadata ->> 'actorId')) AS how
     FROM events AS e WHERE e.order_id = $1`,
  `SELECT c.started_at, 'call ' || c.op, coalesce(c.provider_request_id, ''),
          concat_ws(', ', c.outcome, 'for ' || owner.kind || ' ' || owner.id,
            round(extract(epoch FROM c.ended_at - c.started_at) * 1000) || ' ms')
     FROM (SELECT id, 'payment' AS kind FROM payments WHERE order_id = $1
           UNION ALL SELECT r.id, 'refund' FROM refunds AS r JOIN payments AS p ON p.id = r.payment_id WHERE p.order_id = $1) AS owner
     JOIN provider_calls AS c ON c.owner_id = owner.id`,
  `SELECT w.received_at, 'webhook ' || w.type, w.event_id, concat_ws(', ', 'about ' || w.object_id, 'came ' || w.deliveries || ' times')
     FROM webhook_inbox AS w WHERE w.object_id IN (SELECT object_id FROM known)`,
  `SELECT r.updated_at, 'refund', '', concat_ws(', ', 'refund ' || r.id, 'is ' || r.status, ${MONEY('r.amount', 'r.currency')}, r.reason)
     FROM refunds AS r JOIN payments AS p ON p.id = r.payment_id WHERE p.order_id = $1`,
  `SELECT v.opened_at, 'review', '', concat_ws(', ', v.reason, 'payment ' || v.payment_id,
            CASE WHEN v.resolved_at IS NULL THEN 'open' ELSE 'ended: ' || v.outcome END)
     FROM reviews AS v JOIN payments AS p ON p.id = v.payment_id WHERE p.order_id = $1`,
  `SELECT n.updated_at, n.channel || ' ' || n.kind, coalesce(n.provider_message_id, ''),
          concat_ws(', ', 'mail ' || n.id, 'is ' || n.status, n.last_error)
     FROM notifications AS n WHERE n.order_id = $1`,
  `SELECT coalesce(d.dead_at, least(d.available_at, now())), 'work of ' || d.subscriber, coalesce(d.event_metadata ->> 'requestId', ''),
          concat_ws(', ', CASE WHEN d.dead_at IS NOT NULL THEN 'parked' WHEN d.leased_until > now() THEN 'under way' ELSE 'waiting' END,
            'about ' || d.event_name, d.attempts || ' attempts', d.last_error)
     FROM work AS d`,
];

/** What the provider calls its objects of this order, and the work that is left about the order or one of them. */
const AROUND = `WITH known AS (
    SELECT provider_payment_id AS object_id FROM payments WHERE order_id = $1
    UNION SELECT stripe_charge_id FROM payments WHERE order_id = $1
    UNION SELECT r.provider_refund_id FROM refunds AS r JOIN payments AS p ON p.id = r.payment_id WHERE p.order_id = $1
    UNION SELECT d.provider_dispute_id FROM disputes AS d JOIN payments AS p ON p.id = d.payment_id WHERE p.order_id = $1
  ), work AS (
    SELECT d.*, e.name AS event_name, e.metadata AS event_metadata
      FROM event_deliveries AS d JOIN events AS e ON e.id = d.event_id
     WHERE e.order_id = $1
        OR e.stream IN (SELECT 'inbox-' || w.provider || '-' || w.event_id FROM webhook_inbox AS w
                         WHERE w.object_id IN (SELECT object_id FROM known))
  )`;

const HISTORY = `${AROUND}
  SELECT at, what, request, how FROM (${SOURCES.join('\n  UNION ALL ')}) AS line ORDER BY at, what`;

/** An order, or the order of a payment. */
const FIND = `SELECT o.id, o.status, o.total_amount::text AS "totalAmount", o.currency, o.expires_at AS "expiresAt", o.expires_at < now() AS "isExpired"
  FROM orders AS o WHERE o.id = $1 OR o.id = (SELECT order_id FROM payments WHERE id = $1)`;

const LEFT = `${AROUND}
  SELECT
  (SELECT coalesce(json_agg(json_build_object('subscriber', w.subscriber, 'event', w.event_name, 'eventId', w.event_id,
            'attempts', w.attempts, 'error', w.last_error, 'isParked', w.dead_at IS NOT NULL)
            ORDER BY w.dead_at NULLS LAST, w.available_at), '[]') FROM work AS w) AS work,
  (SELECT coalesce(json_agg(json_build_object('id', p.id, 'status', p.status, 'error', p.last_error, 'checks', p.checks,
            'nextCheckAt', p.next_check_at, 'actionExpiresAt', p.action_expires_at) ORDER BY p.id), '[]')
     FROM payments AS p WHERE p.order_id = $1) AS payments,
  (SELECT coalesce(json_agg(json_build_object('id', r.id, 'status', r.status) ORDER BY r.id), '[]')
     FROM refunds AS r JOIN payments AS p ON p.id = r.payment_id WHERE p.order_id = $1) AS refunds,
  (SELECT coalesce(json_agg(json_build_object('reason', v.reason, 'paymentId', v.payment_id) ORDER BY v.id), '[]')
     FROM reviews AS v JOIN payments AS p ON p.id = v.payment_id WHERE p.order_id = $1 AND v.resolved_at IS NULL) AS reviews`;

/**
 * How things stand with an order, and what is left to do about it.
 * @typedef {{ id: string, status: string, totalAmount: string, currency: string, expiresAt: Date, isExpired: boolean }} Order
 * @typedef {{
 *   work: { subscriber: string, event: string, eventId: string, attempts: number, error: string | null, isParked: boolean }[],
 *   payments: { id: string, status: string, error: { code?: string, message?: string } | null, checks: number,
 *     nextCheckAt: string | null, actionExpiresAt: string | null }[],
 *   refunds: { id: string, status: string }[],
 *   reviews: { reason: string, paymentId: string }[],
 * }} Left
 * @typedef {{ order: Order, entries: Entry[], left: Left }} History
 */

/**
 * Everything the database knows about one order, at one moment. Reads, and cannot write.
 * @param {import('pg').Client} client @param {string} id of the order, or of one of its payments
 * @returns {Promise<History | undefined>} undefined when there is neither
 */
export async function historyOf(client, id) {
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  try {
    const [order] = (await client.query(FIND, [id])).rows;
    if (!order) return undefined;
    const { rows: entries } = await client.query(HISTORY, [order.id]);
    const [left] = (await client.query(LEFT, [order.id])).rows;
    return { order, entries, left };
  } finally {
    await client.query('ROLLBACK');
  }
}
