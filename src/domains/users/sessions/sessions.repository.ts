import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Role } from '../../../contracts/roles.js';
import { SessionDirectory, type SessionStanding } from '../../../contracts/session-directory.js';
import type { Transaction } from '../../../contracts/transaction.js';
import { CONFIG, isMfaRequiredForAdmins, type Config } from '../../../platform/config/config.js';
import { rowOf, rowsOf } from '../../../platform/database/sql.js';
import { prepared } from '../../../platform/database/statements.js';
import type { Changed } from '../users.repository.js';
import type { EndReason } from './session.entity.js';

export interface NewSession {
  readonly id: string;
  readonly userId: string;
  /** Those the password was verified against; a session is not started for others. */
  readonly credentialsVersion: number;
  readonly seed: string;
  readonly device: string | null;
  readonly ip: string | null;
}

export interface RefreshableSession {
  readonly userId: string;
  readonly email: string;
  readonly roles: Role[];
  readonly seed: string;
}

export interface OpenSession {
  readonly id: string;
  readonly device: string | null;
  readonly ip: string | null;
  readonly lastUsedAt: Date;
  readonly expiresAt: Date;
}

// now() of a statement on its own is fixed before its snapshot is taken; clock_timestamp() would claim too much.
const STANDING = prepared(
  'sessions.standing',
  `SELECT s.user_id AS "userId", u.roles,
      $2 AND 'admin' = ANY (u.roles) AND NOT EXISTS (
        SELECT FROM mfa_factors f WHERE f.user_id = u.id AND f.confirmed_at IS NOT NULL) AS "mustEnrol",
      (extract(epoch FROM now()) * 1000)::float8 AS "readAt",
      (extract(epoch FROM s.expires_at) * 1000)::float8 AS "expiresAt"
     FROM sessions s JOIN users u ON u.id = s.user_id
    WHERE s.id = $1 AND s.revoked_at IS NULL AND s.expires_at > now() AND u.is_active`,
);

// The share lock makes a login and a change of password (which ends all sessions) wait for each other.
const START = `INSERT INTO sessions (id, user_id, seed, device, ip, expires_at)
  SELECT $1, id, $4, $5, $6, now() + $7 * interval '1 second'
    FROM users WHERE id = $2 AND is_active AND credentials_version = $3 FOR SHARE
  RETURNING id, version`;

const REFRESHABLE = prepared(
  'sessions.refreshable',
  `SELECT s.user_id AS "userId", u.email, u.roles, s.seed
     FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.id = $1 AND u.is_active`,
);

// A twin waits for the row and then finds itself in the second case: the newest token's parent, within its grace.
const ROTATE = prepared(
  'sessions.rotate',
  `UPDATE sessions
      SET generation = $2::integer + 1, last_used_at = now(),
          rotated_at = CASE WHEN generation = $2 THEN now() ELSE rotated_at END
    WHERE id = $1 AND revoked_at IS NULL AND expires_at > now()
      AND (generation = $2 OR (generation = $2 + 1 AND rotated_at >= now() - $3 * interval '1 millisecond'))
    RETURNING generation`,
);

const END_REUSED = `UPDATE sessions SET revoked_at = now(), revoked_reason = 'reuse', version = version + 1
  WHERE id = $1 AND generation > $2 AND revoked_at IS NULL AND expires_at > now() RETURNING id, version`;

const END = `UPDATE sessions SET revoked_at = now(), revoked_reason = $3, version = version + 1
  WHERE id = $1 AND user_id = $2 AND revoked_at IS NULL AND expires_at > now() RETURNING id, version`;

const END_SOME = `UPDATE sessions SET revoked_at = now(), revoked_reason = $2, version = version + 1
  WHERE id IN (SELECT id FROM sessions WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > now()
                ORDER BY id LIMIT $3 FOR UPDATE)
  RETURNING id, version`;

const END_OTHERS = `UPDATE sessions SET revoked_at = now(), revoked_reason = $2, version = version + 1
  WHERE id IN (SELECT id FROM sessions WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > now()
                  AND id IS DISTINCT FROM $3 ORDER BY id FOR UPDATE)
  RETURNING id, version`;

const OPEN = `SELECT id, device, ip, last_used_at AS "lastUsedAt", expires_at AS "expiresAt" FROM sessions
  WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > now() AND ($2::uuid IS NULL OR id < $2)
  ORDER BY id DESC LIMIT $3`;

@Injectable()
export class SessionsRepository extends SessionDirectory {
  constructor(
    private readonly dataSource: DataSource,
    @Inject(CONFIG) private readonly config: Config,
  ) {
    super();
  }

  async standingOf(sessionId: string): Promise<SessionStanding | null> {
    const parameters = [sessionId, isMfaRequiredForAdmins(this.config)];
    return (await rowOf<SessionStanding>(this.dataSource, STANDING, parameters)) ?? null;
  }

  /** Null when the account was closed or its credentials changed since the password was verified. */
  async start(tx: Transaction, session: NewSession): Promise<Changed | null> {
    const { id, userId, credentialsVersion, seed, device, ip } = session;
    const parameters = [id, userId, credentialsVersion, seed, device, ip, this.config.SESSION_TTL_SECONDS];
    return (await rowOf<Changed>(tx, START, parameters)) ?? null;
  }

  async findRefreshable(sessionId: string): Promise<RefreshableSession | null> {
    return (await rowOf<RefreshableSession>(this.dataSource, REFRESHABLE, [sessionId])) ?? null;
  }

  /**
   * The generation that follows the presented one: a new one for the newest, the newest for its parent within the
   * grace. Null for every other, and when the session has ended.
   */
  async rotate(tx: Transaction, sessionId: string, presented: number): Promise<number | null> {
    const parameters = [sessionId, presented, this.config.REFRESH_GRACE_MS];
    return (await rowOf<{ generation: number }>(tx, ROTATE, parameters))?.generation ?? null;
  }

  /** Ends a session whose old token came back; null when it had ended before or the token is not old. */
  async endReused(tx: Transaction, sessionId: string, presented: number): Promise<Changed | null> {
    return (await rowOf<Changed>(tx, END_REUSED, [sessionId, presented])) ?? null;
  }

  /** Null when the user has no such open session. */
  async end(tx: Transaction, owned: { id: string; userId: string }, reason: EndReason): Promise<Changed | null> {
    return (await rowOf<Changed>(tx, END, [owned.id, owned.userId, reason])) ?? null;
  }

  /** Ends up to `limit` open sessions of a user. */
  endSome(tx: Transaction, userId: string, limit: number): Promise<Changed[]> {
    const reason: EndReason = 'revoked';
    return rowsOf<Changed>(tx, END_SOME, [userId, reason, limit]);
  }

  /** Ends all open sessions of a user but one, or none. */
  endOthers(tx: Transaction, userId: string, keptId: string | null): Promise<Changed[]> {
    const reason: EndReason = 'revoked';
    return rowsOf<Changed>(tx, END_OTHERS, [userId, reason, keptId]);
  }

  /** Newest first. */
  listOpen(userId: string, page: { limit: number; after: string | null }): Promise<OpenSession[]> {
    return rowsOf<OpenSession>(this.dataSource, OPEN, [userId, page.after, page.limit]);
  }
}
