import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../../contracts/transaction.js';
import { rowOf } from '../../../platform/database/sql.js';
import type { Changed } from '../users.repository.js';

export interface PasswordChange {
  readonly id: string;
  /** Those that were proven; a change in between is not overwritten. */
  readonly credentialsVersion: number;
  readonly passwordHash: string;
}

// Not a change of the account, only when a mail went: it has no event of its own and raises no version.
const ASK_RESET = `UPDATE users SET reset_sent_at = now()
  WHERE email = $1 AND is_active
    AND (reset_sent_at IS NULL OR reset_sent_at <= now() - $2 * interval '1 millisecond')
  RETURNING id`;

// Whoever set a password by the link of a mail reads the mail of this address.
const CHANGE = `UPDATE users
  SET password_hash = $3, credentials_version = credentials_version + 1, pending_email = NULL,
      email_verified_at = coalesce(email_verified_at, CASE WHEN $4 THEN now() END),
      updated_at = now(), version = version + 1
  WHERE id = $1 AND credentials_version = $2 AND is_active RETURNING id, version`;

@Injectable()
export class PasswordsRepository {
  /** Whose account it is that may be mailed a link now, or null. */
  async askReset(tx: Transaction, email: string, intervalMs: number): Promise<string | null> {
    return (await rowOf<{ id: string }>(tx, ASK_RESET, [email, intervalMs]))?.id ?? null;
  }

  /**
   * Null when the credentials are others by now. What was mailed before, and an address waited for, are void then.
   * `isByMail`: the address is proven with it.
   */
  async change(tx: Transaction, change: PasswordChange, { isByMail }: { isByMail: boolean }): Promise<Changed | null> {
    const { id, credentialsVersion, passwordHash } = change;
    return (await rowOf<Changed>(tx, CHANGE, [id, credentialsVersion, passwordHash, isByMail])) ?? null;
  }
}
