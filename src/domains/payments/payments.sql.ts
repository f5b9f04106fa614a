import { prepared } from '../../platform/database/statements.js';

/** A whole payment, `p`. */
export const COLUMNS = `p.id, p.order_id AS "orderId", p.user_id AS "userId", p.amount, p.currency,
  p.payment_method AS "paymentMethod", p.capture_method AS "captureMethod", p.status, p.provider,
  p.provider_payment_id AS "providerPaymentId", p.stripe_charge_id AS "stripeChargeId",
  p.provider_idempotency_key AS "providerIdempotencyKey", p.provider_request AS "providerRequest",
  p.first_submitted_at AS "firstSubmittedAt", p.last_submitted_at AS "lastSubmittedAt",
  p.next_check_at AS "nextCheckAt", p.checks, p.capture_request AS "captureRequest", p.action_expires_at AS "actionExpiresAt", p.next_action AS "nextAction",
  p.captured_amount AS "capturedAmount", p.refunded_amount AS "refundedAmount", p.last_error AS "lastError",
  p.answered_submits AS "answeredSubmits", p.version, p.created_at AS "createdAt", p.updated_at AS "updatedAt"`;

/** The condition of the index `payments_one_live_per_order`, less `succeeded`. */
const IS_LIVE = `status IN ('submitting', 'unknown', 'requires_action', 'authorized', 'awaiting_confirmation', 'needs_review')`;

export const SELECT = prepared('payments.get', `SELECT ${COLUMNS} FROM payments AS p WHERE p.id = $1`);

export const LOCK = prepared('payments.lock', `SELECT ${COLUMNS} FROM payments AS p WHERE p.id = $1 FOR UPDATE`);

export const SELECT_BY_PROVIDER_ID = prepared(
  'payments.by_provider_id',
  `SELECT ${COLUMNS} FROM payments AS p WHERE p.provider_payment_id = $1`,
);

export const LIST = `SELECT ${COLUMNS} FROM payments AS p
  WHERE p.order_id = $1 AND ($2::uuid IS NULL OR p.id < $2) ORDER BY p.id DESC LIMIT $3`;

export const RIVAL = `SELECT 1 AS rival FROM payments
  WHERE order_id = $1 AND id <> $2 AND (${IS_LIVE} OR status = 'succeeded') LIMIT 1`;

export const LIVE_OF = `SELECT id, status FROM payments WHERE order_id = $1 AND ${IS_LIVE}`;

/** tx A in one statement: the key, the payment, the evidence that a call begins, and the event. */
export const OPEN = prepared(
  'payments.open',
  `WITH claimed AS (
     INSERT INTO idempotency_keys (user_id, endpoint, key, request_hash, resource_id) VALUES ($1, $2, $3, $4, $5)
   ), p AS (
     INSERT INTO payments (id, order_id, user_id, amount, currency, payment_method, capture_method, status, provider,
                           provider_idempotency_key, provider_request, next_check_at)
     VALUES ($5, $6, $1, $7, $8, $9, $10, 'submitting', $11, $12, $13, now() + $14 * interval '1 millisecond')
     RETURNING *
   ), begun AS (
     INSERT INTO provider_calls (id, owner_id, op, key, outcome) VALUES ($19, $5, 'submit', $12, 'begun')
   )
   SELECT ${COLUMNS},
     append_event($15, 'payment-' || p.id, p.version, p.order_id, 'payment.submitted', $16, $17, $18)::text AS appended
   FROM p`,
);

/** The account of whoever holds the captured money for us; `p` is the payment. */
export const HOLDER = `CASE p.provider WHEN 'stripe' THEN 'provider:stripe' ELSE p.provider END`;

/**
 * tx B in one statement. Whatever was captured is booked in the same breath: whoever holds it owes us ($5 > 0, debit), the
 * orders earned it (credit); the deferred trigger refuses the commit if the two do not add up to zero.
 */
export const MOVE = prepared(
  'payments.move',
  `WITH p AS (
     UPDATE payments
        SET status = $2, provider_payment_id = coalesce(provider_payment_id, $3),
            stripe_charge_id = coalesce($4, stripe_charge_id), captured_amount = coalesce($5, captured_amount),
            refunded_amount = coalesce($6, refunded_amount), last_error = $7, next_action = $8,
            action_expires_at = CASE WHEN $2 = 'requires_action' THEN now() + $9 * interval '1 millisecond' END,
            next_check_at = now() + $10 * interval '1 millisecond', checks = 0,
            answered_submits = answered_submits + 1, version = version + 1, updated_at = now()
      WHERE id = $1 RETURNING *
   ), booked AS (
     INSERT INTO ledger_transactions (id, kind, source_id)
     SELECT $11::uuid, 'capture', p.id FROM p WHERE $5::bigint IS NOT NULL RETURNING id
   ), entries AS (
     INSERT INTO ledger_entries (id, transaction_id, account, currency, amount)
     SELECT entry.id, booked.id, entry.account, p.currency, entry.sign * p.captured_amount
       FROM booked, p, LATERAL (VALUES ($12::uuid, ${HOLDER}, 1), ($13::uuid, 'revenue:orders', -1)) AS entry (id, account, sign)
   ), call AS (
     INSERT INTO provider_calls (id, owner_id, op, key, outcome, provider_request_id, started_at, ended_at)
     VALUES ($19, $20, $21, $22, $23, $24, $25, $26)
   )
   SELECT ${COLUMNS}, append_event($14, 'payment-' || p.id, p.version, p.order_id, $15, $16, $17, $18)::text AS appended
   FROM p`,
);

export const SURFACE = `WITH p AS (
    UPDATE payments SET provider_payment_id = coalesce(provider_payment_id, $2), version = version + 1, updated_at = now()
     WHERE id = $1 RETURNING *
  )
  SELECT ${COLUMNS}, append_event($3, 'payment-' || p.id, p.version, p.order_id, 'payment.surfaced', $4, $5, $6)::text AS appended
  FROM p`;

export const SELECT_LIVE = `SELECT ${COLUMNS} FROM payments AS p WHERE p.order_id = $1 AND p.${IS_LIVE}`;

export const REQUEST_CAPTURE = `WITH p AS (
    UPDATE payments SET capture_request = $2, next_check_at = now() + $3 * interval '1 millisecond', checks = 0,
           version = version + 1, updated_at = now()
     WHERE id = $1 RETURNING *
  )
  SELECT ${COLUMNS},
    append_event($4, 'payment-' || p.id, p.version, p.order_id, 'payment.capture-requested', $5, $6, $7)::text AS appended
  FROM p`;
