import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ApiKeyDirectory, type ApiKeyStanding } from '../../../contracts/api-key-directory.js';
import type { Permission } from '../../../contracts/permissions.js';
import type { Transaction } from '../../../contracts/transaction.js';
import { rowOf, rowsOf } from '../../../platform/database/sql.js';
import { prepared } from '../../../platform/database/statements.js';
import type { Changed } from '../users.repository.js';

export interface NewKey {
  readonly id: string;
  readonly userId: string;
  readonly name: string;
  readonly prefix: string;
  readonly hash: string;
  readonly scopes: readonly Permission[];
  readonly expiresAt: Date;
}

/** A key as its owner sees it. */
export interface LivingKey extends Pick<NewKey, 'id' | 'name' | 'prefix' | 'scopes' | 'expiresAt'> {
  readonly lastUsedAt: Date | null;
  readonly createdAt: Date;
}

type StandingRow = ApiKeyStanding & { readonly isUseNoted: boolean };

const STANDING = prepared(
  'api_keys.standing',
  `SELECT k.id, k.user_id AS "userId", u.email, u.roles, k.scopes,
      coalesce(k.last_used_at > now() - interval '10 minutes', false) AS "isUseNoted"
     FROM api_keys AS k JOIN users AS u ON u.id = k.user_id
    WHERE k.secret_hash = $1 AND k.revoked_at IS NULL AND k.expires_at > now() AND u.is_active`,
);

const NOTE_USE = `UPDATE api_keys SET last_used_at = now()
  WHERE id = $1 AND (last_used_at IS NULL OR last_used_at <= now() - interval '10 minutes')`;

const COLUMNS = `id, name, prefix, scopes, expires_at AS "expiresAt", last_used_at AS "lastUsedAt", created_at AS "createdAt"`;

const INSERT = `INSERT INTO api_keys (id, user_id, name, prefix, secret_hash, scopes, expires_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING ${COLUMNS}`;

const LIST = `SELECT ${COLUMNS} FROM api_keys WHERE user_id = $1 AND revoked_at IS NULL AND ($2::uuid IS NULL OR id < $2)
  ORDER BY id DESC LIMIT $3`;

const REVOKE = `UPDATE api_keys SET revoked_at = now(), version = version + 1
  WHERE id = $1 AND user_id = $2 AND revoked_at IS NULL RETURNING id, version`;

@Injectable()
export class ApiKeysRepository extends ApiKeyDirectory {
  constructor(private readonly dataSource: DataSource) {
    super();
  }

  async keyStandingOf(secretHash: string): Promise<ApiKeyStanding | null> {
    const row = await rowOf<StandingRow>(this.dataSource, STANDING, [secretHash]);
    if (!row) return null;
    const { isUseNoted, ...standing } = row;
    if (!isUseNoted) await this.dataSource.query(NOTE_USE, [standing.id]);
    return standing;
  }

  /** Holds the owner until `tx` ends, so that keys made at once count each other; how many keys they have. */
  async lockCount(tx: Transaction, userId: string): Promise<number> {
    await tx.query(`SELECT FROM users WHERE id = $1 FOR NO KEY UPDATE`, [userId]);
    const sql = `SELECT count(*)::integer AS count FROM api_keys WHERE user_id = $1 AND revoked_at IS NULL`;
    return (await rowOf<{ count: number }>(tx, sql, [userId]))?.count ?? 0;
  }

  async insert(tx: Transaction, key: NewKey): Promise<LivingKey | undefined> {
    const { id, userId, name, prefix, hash, scopes, expiresAt } = key;
    return rowOf<LivingKey>(tx, INSERT, [id, userId, name, prefix, hash, scopes, expiresAt]);
  }

  /** Newest first, older than `after`. Expired ones stay until they are revoked, so that nobody wonders. */
  list(userId: string, { after, limit }: { after?: string; limit: number }): Promise<LivingKey[]> {
    return rowsOf(this.dataSource, LIST, [userId, after ?? null, limit]);
  }

  /** Null when the user has no such key, or revoked it before. */
  async revoke(tx: Transaction, { id, userId }: { id: string; userId: string }): Promise<Changed | null> {
    return (await rowOf<Changed>(tx, REVOKE, [id, userId])) ?? null;
  }
}
