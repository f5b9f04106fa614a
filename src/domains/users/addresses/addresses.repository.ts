import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../../contracts/transaction.js';
import { rowOf } from '../../../platform/database/sql.js';
import type { Changed } from '../users.repository.js';

/** An address to change to, and the credentials that were proven for it. */
export interface AddressWanted {
  readonly id: string;
  readonly credentialsVersion: number;
  /** In lower case. */
  readonly email: string;
}

const ASK = `UPDATE users SET pending_email = $3, updated_at = now(), version = version + 1
  WHERE id = $1 AND credentials_version = $2 AND is_active RETURNING id, version`;

const CONFIRM = `UPDATE users
  SET email = pending_email, pending_email = NULL, email_verified_at = now(),
      credentials_version = credentials_version + 1, updated_at = now(), version = version + 1
  WHERE id = $1 AND credentials_version = $2 AND pending_email = $3 AND is_active RETURNING id, version`;

@Injectable()
export class AddressesRepository {
  /** Waits for this address from now on, and for no other. Null when the credentials are others by now. */
  async ask(tx: Transaction, { id, credentialsVersion, email }: AddressWanted): Promise<Changed | null> {
    return (await rowOf<Changed>(tx, ASK, [id, credentialsVersion, email])) ?? null;
  }

  /** Null when the account does not wait for this address any more. @throws users_email_key when it is somebody's. */
  async confirm(tx: Transaction, { id, credentialsVersion, email }: AddressWanted): Promise<Changed | null> {
    return (await rowOf<Changed>(tx, CONFIRM, [id, credentialsVersion, email])) ?? null;
  }
}
