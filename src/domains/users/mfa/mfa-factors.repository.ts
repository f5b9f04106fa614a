import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Transaction } from '../../../contracts/transaction.js';
import { rowOf } from '../../../platform/database/sql.js';
import type { Changed } from '../users.repository.js';

export interface PendingFactor {
  readonly userId: string;
  readonly secret: string;
  readonly recoveryHashes: readonly string[];
}

export interface FoundFactor {
  readonly secret: string;
  readonly isConfirmed: boolean;
  /** Milliseconds since the epoch by PostgreSQL's clock: what codes are compared with. */
  readonly now: number;
}

// A factor that counts is never replaced, only one whose enrolment was not finished.
const OFFER = `INSERT INTO mfa_factors (user_id, secret, recovery_hashes) VALUES ($1, $2, $3)
  ON CONFLICT (user_id) DO UPDATE SET secret = $2, recovery_hashes = $3, created_at = now()
    WHERE mfa_factors.confirmed_at IS NULL
  RETURNING user_id`;

const FIND = `SELECT secret, confirmed_at IS NOT NULL AS "isConfirmed", (extract(epoch FROM now()) * 1000)::float8 AS now
  FROM mfa_factors WHERE user_id = $1`;

// Twins of one code meet here: the second waits for the row, and then its counter is no news any more. The secret is
// written anew, so that it is under the current key soon after that was changed.
const USE_COUNTER = `UPDATE mfa_factors SET last_counter = $2, secret = $3
  WHERE user_id = $1 AND confirmed_at IS NOT NULL AND (last_counter IS NULL OR last_counter < $2) RETURNING user_id`;

const USE_RECOVERY = `UPDATE mfa_factors SET recovery_hashes = array_remove(recovery_hashes, $2)
  WHERE user_id = $1 AND confirmed_at IS NOT NULL AND $2 = ANY (recovery_hashes) RETURNING user_id`;

const CONFIRM = `WITH confirmed AS (
    UPDATE mfa_factors SET confirmed_at = now(), last_counter = $2
     WHERE user_id = $1 AND confirmed_at IS NULL AND secret = $3 RETURNING user_id)
  UPDATE users u SET version = version + 1, updated_at = now() FROM confirmed
   WHERE u.id = confirmed.user_id RETURNING u.id, u.version`;

const REMOVE = `WITH removed AS (
    DELETE FROM mfa_factors WHERE user_id = $1 AND confirmed_at IS NOT NULL RETURNING user_id)
  UPDATE users u SET version = version + 1, updated_at = now() FROM removed
   WHERE u.id = removed.user_id RETURNING u.id, u.version`;

@Injectable()
export class MfaFactorsRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** False when the account has a factor that counts already. */
  async offer(tx: Transaction, { userId, secret, recoveryHashes }: PendingFactor): Promise<boolean> {
    return (await rowOf(tx, OFFER, [userId, secret, recoveryHashes])) !== undefined;
  }

  async find(userId: string): Promise<FoundFactor | null> {
    return (await rowOf<FoundFactor>(this.dataSource, FIND, [userId])) ?? null;
  }

  /** False when this code, or a newer one, was used before. */
  async useCounter(tx: Transaction, userId: string, used: { counter: number; secret: string }): Promise<boolean> {
    return (await rowOf(tx, USE_COUNTER, [userId, used.counter, used.secret])) !== undefined;
  }

  /** False when it is none, or none any more. */
  async useRecovery(tx: Transaction, userId: string, hash: string): Promise<boolean> {
    return (await rowOf(tx, USE_RECOVERY, [userId, hash])) !== undefined;
  }

  /** Null when there is nothing to confirm, or another secret was offered meanwhile. */
  async confirm(tx: Transaction, userId: string, shown: { counter: number; secret: string }): Promise<Changed | null> {
    return (await rowOf<Changed>(tx, CONFIRM, [userId, shown.counter, shown.secret])) ?? null;
  }

  /** Null when there is none. */
  async remove(tx: Transaction, userId: string): Promise<Changed | null> {
    return (await rowOf<Changed>(tx, REMOVE, [userId])) ?? null;
  }
}
