import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { CONFIG, type Config } from '../../../platform/config/config.js';
import { rowOf, rowsOf } from '../../../platform/database/sql.js';
import { prepared } from '../../../platform/database/statements.js';
import { AUTHORIZED_CHECK_MS } from '../payment-status.js';

/** An open payment whose time to be looked at has come, and how old things are by PostgreSQL's clock. */
export interface DuePayment {
  readonly id: string;
  readonly orderId: string;
  readonly sinceFirstSubmitMs: number;
  readonly sinceLastSubmitMs: number;
  readonly isActionOverdue: boolean;
}

// Taking a payment moves its next look into the future: a second worker, or this one after a crash, finds it later.
const TAKE_DUE = prepared(
  'recovery.take_due',
  `UPDATE payments AS p
      SET checks = p.checks + 1,
          next_check_at = now() + (0.75 + random() / 2) * interval '1 millisecond' *
            CASE WHEN p.status = 'authorized' AND p.capture_request IS NULL THEN $4
                 ELSE least($2 * 2 ^ least(p.checks, 20), $3) END
     FROM (SELECT id FROM payments WHERE next_check_at <= now() ORDER BY next_check_at LIMIT $1 FOR UPDATE SKIP LOCKED) AS due
    WHERE p.id = due.id
    RETURNING p.id, p.order_id AS "orderId",
      (extract(epoch FROM now() - p.first_submitted_at) * 1000)::float8 AS "sinceFirstSubmitMs",
      (extract(epoch FROM now() - p.last_submitted_at) * 1000)::float8 AS "sinceLastSubmitMs",
      coalesce(p.action_expires_at < now(), false) AS "isActionOverdue"`,
);

// Committed before the call, so that "begun ≥ 60 s after the last submit" counts from the truth.
const RESUBMIT = `UPDATE payments AS p SET last_submitted_at = now(), updated_at = now()
   FROM orders AS o
  WHERE p.id = $1 AND p.status IN ('submitting', 'unknown') AND p.provider_payment_id IS NULL
    AND o.id = p.order_id AND o.status = 'pending'
  RETURNING p.id`;

@Injectable()
export class OpenPaymentsRepository {
  constructor(
    private readonly dataSource: DataSource,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  takeDue(limit: number): Promise<DuePayment[]> {
    const { RECOVERY_POLL_MS, RECOVERY_BACKOFF_MAX_MS } = this.config;
    return rowsOf(this.dataSource, TAKE_DUE, [limit, RECOVERY_POLL_MS, RECOVERY_BACKOFF_MAX_MS, AUTHORIZED_CHECK_MS]);
  }

  /** Notes that the call goes out once more; false when the payment or its order does not want it any more. */
  async noteResubmit(id: string): Promise<boolean> {
    return (await rowOf(this.dataSource, RESUBMIT, [id])) !== undefined;
  }
}
