import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../../contracts/transaction.js';
import { rowOf } from '../../../platform/database/sql.js';
import type { Changed } from '../users.repository.js';

// What was mailed before is void then: a link to set a new password does not outlive the account it was asked for.
const SET_ACTIVE = `UPDATE users
  SET is_active = $2, credentials_version = credentials_version + 1, updated_at = now(), version = version + 1
  WHERE id = $1 AND is_active IS DISTINCT FROM $2 AND erased_at IS NULL RETURNING id, version`;

@Injectable()
export class AccountStandingRepository {
  /** Null when it is so already, and when there is no such account any more. */
  async setActive(tx: Transaction, id: string, isActive: boolean): Promise<Changed | null> {
    return (await rowOf<Changed>(tx, SET_ACTIVE, [id, isActive])) ?? null;
  }
}
