import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { rowOf, rowsOf } from '../../../platform/database/sql.js';
import type { Payment } from '../payment.entity.js';
import { PaymentNotFound } from '../payment.errors.js';
import { COLUMNS } from '../payments.sql.js';
import type { ReviewOutcome } from './reviews.repository.js';

/** A payment with everything about it that was put before an operator. Times as PostgreSQL writes them in JSON. */
export interface ReviewedPayment extends Payment {
  /** Newest first. */
  readonly reviews: readonly {
    id: string;
    reason: string;
    evidence: object;
    openedAt: string;
    resolvedAt: string | null;
    resolvedBy: string | null;
    outcome: ReviewOutcome | null;
    note: string | null;
  }[];
  /** Newest first. */
  readonly calls: readonly {
    op: string;
    key: string | null;
    outcome: string;
    requestId: string | null;
    startedAt: string;
    endedAt: string | null;
  }[];
}

/** Enough to judge by; older ones stay in the table. */
const SHOWN = 20;

const REVIEWED = `SELECT ${COLUMNS},
    (SELECT coalesce(json_agg(r), '[]') FROM (
      SELECT id, reason, evidence, opened_at AS "openedAt", resolved_at AS "resolvedAt", resolved_by AS "resolvedBy", outcome, note
        FROM reviews WHERE payment_id = p.id ORDER BY id DESC LIMIT ${SHOWN}) AS r) AS reviews,
    (SELECT coalesce(json_agg(c), '[]') FROM (
      SELECT op, key, outcome, provider_request_id AS "requestId", started_at AS "startedAt", ended_at AS "endedAt"
        FROM provider_calls WHERE owner_id = p.id ORDER BY id DESC LIMIT ${SHOWN}) AS c) AS calls
  FROM payments AS p`;

const LIST = `${REVIEWED}
  WHERE p.id IN (SELECT payment_id FROM reviews WHERE resolved_at IS NULL
                 UNION SELECT id FROM payments WHERE status = 'needs_review')
    AND ($1::uuid IS NULL OR p.id < $1)
  ORDER BY p.id DESC LIMIT $2`;

const ONE = `${REVIEWED} WHERE p.id = $1`;

@Injectable()
export class ReviewedPaymentsRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Whatever waits for an operator, the newest payment first, behind `after`. */
  list({ after, limit }: { after?: string; limit: number }): Promise<ReviewedPayment[]> {
    return rowsOf(this.dataSource, LIST, [after ?? null, limit]);
  }

  /** @throws PaymentNotFound */
  async get(paymentId: string): Promise<ReviewedPayment> {
    const row = await rowOf<ReviewedPayment>(this.dataSource, ONE, [paymentId]);
    if (!row) throw new PaymentNotFound(paymentId);
    return row;
  }
}
