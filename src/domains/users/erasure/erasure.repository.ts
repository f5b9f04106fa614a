import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../../contracts/transaction.js';
import { rowOf } from '../../../platform/database/sql.js';
import type { Changed } from '../users.repository.js';

// The row stays, because orders and payments are somebody's: what is left of it tells of nobody. `.invalid` is nobody's
// domain (RFC 2606), so the address of the account is free to be registered anew.
const ERASE = `UPDATE users
  SET email = id || '@erased.invalid', pending_email = NULL, password_hash = $3, display_name = NULL, locale = 'en',
      roles = '{user}', is_active = false, email_verified_at = NULL, verification_sent_at = NULL, reset_sent_at = NULL,
      credentials_version = credentials_version + 1, erased_at = now(), updated_at = now(), version = version + 1
  WHERE id = $1 AND credentials_version = $2 AND erased_at IS NULL RETURNING id, version`;

const ERASE_PLACES = `UPDATE sessions SET device = NULL, ip = NULL
  WHERE user_id = $1 AND (device IS NOT NULL OR ip IS NOT NULL)`;

// A key without its owner opens nothing. What it was called, and that there was one, is the owner's affair.
const DELETE_KEYS = `DELETE FROM api_keys WHERE user_id = $1`;
const DELETE_FACTOR = `DELETE FROM mfa_factors WHERE user_id = $1`;

@Injectable()
export class ErasureRepository {
  /** Null when the credentials are others by now. */
  async erase(
    tx: Transaction,
    { id, credentialsVersion }: { id: string; credentialsVersion: number },
    nobodysHash: string,
  ): Promise<Changed | null> {
    return (await rowOf<Changed>(tx, ERASE, [id, credentialsVersion, nobodysHash])) ?? null;
  }

  /** What else would let somebody in: API keys, and the second factor. */
  async deleteKeys(tx: Transaction, userId: string): Promise<void> {
    await tx.query(DELETE_KEYS, [userId]);
    await tx.query(DELETE_FACTOR, [userId]);
  }

  /** Where and with what somebody was logged in, also in sessions that ended long ago. */
  async erasePlaces(tx: Transaction, userId: string): Promise<void> {
    await tx.query(ERASE_PLACES, [userId]);
  }
}
