import { prepared } from '../../../platform/database/statements.js';
import { HOLDER } from '../payments.sql.js';

/** A whole refund, `r`. */
export const REFUND_COLUMNS = `r.id, r.payment_id AS "paymentId", r.amount, r.currency, r.reason, r.status,
  r.provider_refund_id AS "providerRefundId", r.provider_idempotency_key AS "providerIdempotencyKey",
  r.requested_by AS "requestedBy", r.is_booked AS "isBooked", r.first_submitted_at AS "firstSubmittedAt",
  r.last_submitted_at AS "lastSubmittedAt", r.next_check_at AS "nextCheckAt", r.checks, r.last_error AS "lastError",
  r.version, r.created_at AS "createdAt", r.updated_at AS "updatedAt"`;

export const SELECT = prepared('refunds.get', `SELECT ${REFUND_COLUMNS} FROM refunds AS r WHERE r.id = $1`);

export const SELECT_BY_PROVIDER_ID = `SELECT ${REFUND_COLUMNS} FROM refunds AS r WHERE r.provider_refund_id = $1`;

export const LOCK = prepared('refunds.lock', `SELECT ${REFUND_COLUMNS} FROM refunds AS r WHERE r.id = $1 FOR UPDATE`);

export const LIST = `SELECT ${REFUND_COLUMNS} FROM refunds AS r
  WHERE r.payment_id = $1 AND ($2::uuid IS NULL OR r.id < $2) ORDER BY r.id DESC LIMIT $3`;

/** A late success: whoever moves the payment has reserved the amount in it already. */
export const REQUEST = `WITH r AS (
    INSERT INTO refunds (id, payment_id, amount, currency, reason, provider_idempotency_key, next_check_at)
    VALUES ($1, $2, $3, $4, $5, $6, now()) RETURNING *
  )
  SELECT append_event($7, 'refund-' || r.id, r.version, $8, 'refund.requested', $9, $10, $11)::text AS appended FROM r`;

/**
 * tx A in one statement: the key, the reservation, the refund, the evidence that a call begins, and the event. Nobody
 * looks whether there is enough: payments_amounts_are_ordered decides.
 */
export const OPEN = prepared(
  'refunds.open',
  `WITH claimed AS (
     INSERT INTO idempotency_keys (user_id, endpoint, key, request_hash, resource_id) VALUES ($1, $2, $3, $4, $5)
   ), reserved AS (
     UPDATE payments SET refunded_amount = refunded_amount + $7, updated_at = now() WHERE id = $6
   ), r AS (
     INSERT INTO refunds (id, payment_id, amount, currency, reason, status, provider_idempotency_key, requested_by,
                          first_submitted_at, last_submitted_at, next_check_at)
     VALUES ($5, $6, $7, $8, $9, 'submitting', $10, $1, now(), now(), now() + $11 * interval '1 millisecond')
     RETURNING *
   ), begun AS (
     INSERT INTO provider_calls (id, owner_id, op, key, outcome) VALUES ($12, $5, 'refund', $10, 'begun')
   )
   SELECT ${REFUND_COLUMNS},
     append_event($13, 'refund-' || r.id, r.version, $14, 'refund.submitted', $15, $16, $17)::text AS appended FROM r`,
);

/** The same for one that was requested before; no row when somebody else began it. */
export const SUBMIT = `WITH r AS (
    UPDATE refunds SET status = 'submitting', first_submitted_at = now(), last_submitted_at = now(),
           next_check_at = now() + $3 * interval '1 millisecond', checks = 0, version = version + 1, updated_at = now()
     WHERE id = $1 AND status = 'requested' RETURNING *
  ), begun AS (
    INSERT INTO provider_calls (id, owner_id, op, key, outcome)
    SELECT $2::uuid, r.id, 'refund', r.provider_idempotency_key, 'begun' FROM r
  )
  SELECT ${REFUND_COLUMNS},
    append_event($4, 'refund-' || r.id, r.version, $5, 'refund.submitted', $6, $7, $8)::text AS appended FROM r`;

/** A refund somebody made in the provider's dashboard. It is settled, and told of, in the same transaction. */
export const ADOPT = `WITH reserved AS (
    UPDATE payments SET refunded_amount = refunded_amount + $3, updated_at = now() WHERE id = $2
  )
  INSERT INTO refunds (id, payment_id, amount, currency, reason, provider_idempotency_key, version)
  VALUES ($1, $2, $3, $4, $5, $6, 0)`;

/** $1 refund, $2 ledger transaction, $3 and $4 entries, $5 kind or null, $6 its sign: refunds owe (debit), the holder paid. */
const BOOKED = `booked AS (
     INSERT INTO ledger_transactions (id, kind, source_id)
     SELECT $2::uuid, $5, r.id FROM r WHERE $5::text IS NOT NULL RETURNING id
   ), entries AS (
     INSERT INTO ledger_entries (id, transaction_id, account, currency, amount)
     SELECT entry.id, booked.id, entry.account, r.currency, entry.sign * $6::integer * r.amount
       FROM booked, r JOIN payments AS p ON p.id = r.payment_id,
            LATERAL (VALUES ($3::uuid, 'refunds', 1), ($4::uuid, ${HOLDER}, -1)) AS entry (id, account, sign)
   )`;

/** tx B in one statement: the refund, what becomes of its reservation ($11), the ledger, the evidence and the event. */
export const MOVE = prepared(
  'refunds.move',
  `WITH r AS (
     UPDATE refunds
        SET status = $7, provider_refund_id = coalesce(provider_refund_id, $8),
            is_booked = CASE $5::text WHEN 'refund' THEN true WHEN 'refund_reversal' THEN false ELSE is_booked END,
            last_error = $9, next_check_at = now() + $10 * interval '1 millisecond', checks = 0, version = version + 1,
            updated_at = now()
      WHERE id = $1 RETURNING *
   ), reserved AS (
     UPDATE payments AS p SET refunded_amount = p.refunded_amount + $11::integer * r.amount, updated_at = now()
       FROM r WHERE p.id = r.payment_id AND $11 <> 0
   ), ${BOOKED}, call AS (
     INSERT INTO provider_calls (id, owner_id, op, key, outcome, provider_request_id, started_at, ended_at)
     VALUES ($18, $19, $20, $21, $22, $23, $24, $25)
   )
   SELECT ${REFUND_COLUMNS}, append_event($12, 'refund-' || r.id, r.version, $13, $14, $15, $16, $17)::text AS appended FROM r`,
);
