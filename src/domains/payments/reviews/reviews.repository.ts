import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../../contracts/transaction.js';
import { rowsOf } from '../../../platform/database/sql.js';
import { eventFacts } from '../../../platform/events/events.js';
import { newId } from '../../../shared/ids.js';
import type { Payment } from '../payment.entity.js';

/** What an operator found; `settled`: nobody had to, the provider said it. */
export const REVIEW_OUTCOMES = ['captured', 'not-captured', 'dismissed', 'settled'] as const;
export type ReviewOutcome = (typeof REVIEW_OUTCOMES)[number];

export interface ReviewEnd {
  readonly outcome: ReviewOutcome;
  readonly note: string | null;
  /** The operator; null when nobody had to look. */
  readonly resolvedBy: string | null;
  /** What was known when it ended, kept beside what was known when it began. */
  readonly evidence: object | null;
}

type Reviewed = Pick<Payment, 'id' | 'orderId'>;

const OPEN = `INSERT INTO reviews (id, payment_id, reason, evidence) VALUES ($1, $2, $3, $4)
  ON CONFLICT (payment_id, reason) WHERE resolved_at IS NULL DO NOTHING RETURNING id`;

const CLOSE = `UPDATE reviews SET resolved_at = now(), outcome = $2, note = $3, resolved_by = $4,
    evidence = evidence || jsonb_build_object('atResolution', $5::jsonb)
  WHERE payment_id = $1 AND resolved_at IS NULL RETURNING id, reason`;

const TELL = `SELECT append_event($1, 'review-' || $2, 1, $3, 'review.resolved', $4, $5, $6)`;

const HAS_ANY = `SELECT EXISTS (SELECT FROM reviews WHERE payment_id = $1) AS "hasAny"`;

@Injectable()
export class ReviewsRepository {
  /** Puts a payment before an operator; once per reason while it is open: false when it is already. */
  async open(
    tx: Transaction,
    { id }: Pick<Payment, 'id'>,
    { reason, evidence }: { reason: string; evidence: object },
  ): Promise<boolean> {
    return (await rowsOf(tx, OPEN, [newId(), id, reason, evidence])).length > 0;
  }

  /** Closes everything that is open about a locked payment, and tells so; how many there were. */
  async close(tx: Transaction, { id, orderId }: Reviewed, end: ReviewEnd): Promise<number> {
    const { outcome, note, resolvedBy, evidence } = end;
    const facts = [id, outcome, note, resolvedBy, JSON.stringify(evidence)];
    const closed = await rowsOf<{ id: string; reason: string }>(tx, CLOSE, facts);
    for (const { id: reviewId, reason } of closed) {
      const event = eventFacts('review.resolved', { reviewId, paymentId: id, orderId, reason, outcome });
      await tx.query(TELL, [event.id, reviewId, orderId, event.payload, event.metadata, event.subscribers]);
    }
    return closed.length;
  }

  /** Whether there was ever a review of this payment. */
  async hasAny(tx: Transaction, paymentId: string): Promise<boolean> {
    const [row] = await rowsOf<{ hasAny: boolean }>(tx, HAS_ANY, [paymentId]);
    return row?.hasAny === true;
  }
}
