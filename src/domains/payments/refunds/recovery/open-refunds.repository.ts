import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { CONFIG, type Config } from '../../../../platform/config/config.js';
import { rowOf, rowsOf } from '../../../../platform/database/sql.js';
import { prepared } from '../../../../platform/database/statements.js';

/** An open refund whose time to be looked at has come, and how old things are by PostgreSQL's clock. */
export interface DueRefund {
  readonly id: string;
  readonly sinceFirstSubmitMs: number;
  readonly sinceLastSubmitMs: number;
}

// Taking a refund moves its next look into the future: a second worker, or this one after a crash, finds it later.
// What a bank works on for days, or an operator was told of, is looked at now and then.
const TAKE_DUE = prepared(
  'refunds.take_due',
  `UPDATE refunds AS r
      SET checks = r.checks + 1,
          next_check_at = now() + (0.75 + random() / 2) * interval '1 millisecond' *
            CASE WHEN r.status = 'pending' OR r.first_submitted_at < now() - $5 * interval '1 millisecond' THEN $4
                 ELSE least($2 * 2 ^ least(r.checks, 20), $3) END
     FROM (SELECT id FROM refunds WHERE next_check_at <= now() ORDER BY next_check_at LIMIT $1 FOR UPDATE SKIP LOCKED) AS due
    WHERE r.id = due.id
    RETURNING r.id,
      coalesce(extract(epoch FROM now() - r.first_submitted_at) * 1000, 0)::float8 AS "sinceFirstSubmitMs",
      coalesce(extract(epoch FROM now() - r.last_submitted_at) * 1000, 0)::float8 AS "sinceLastSubmitMs"`,
);

// Committed before the call, so that "begun ≥ 60 s after the last submit" counts from the truth.
const RESUBMIT = `UPDATE refunds SET last_submitted_at = now(), updated_at = now()
  WHERE id = $1 AND status IN ('submitting', 'unknown') AND provider_refund_id IS NULL RETURNING id`;

@Injectable()
export class OpenRefundsRepository {
  constructor(
    private readonly dataSource: DataSource,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  takeDue(limit: number): Promise<DueRefund[]> {
    const { RECOVERY_POLL_MS, RECOVERY_BACKOFF_MAX_MS, REFUND_PENDING_CHECK_MS, RECOVERY_GIVE_UP_MS } = this.config;
    const pauses = [RECOVERY_POLL_MS, RECOVERY_BACKOFF_MAX_MS, REFUND_PENDING_CHECK_MS, RECOVERY_GIVE_UP_MS];
    return rowsOf(this.dataSource, TAKE_DUE, [limit, ...pauses]);
  }

  /** Notes that the call goes out once more; false when somebody has answered meanwhile. */
  async noteResubmit(id: string): Promise<boolean> {
    return (await rowOf(this.dataSource, RESUBMIT, [id])) !== undefined;
  }
}
