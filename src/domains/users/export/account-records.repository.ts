import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { PersonalRecords, RECORDS_MAX, type RecordsByKind } from '../../../contracts/personal-records.js';
import { rowsOf } from '../../../platform/database/sql.js';

const ACCOUNT = `SELECT id, email, pending_email AS "pendingEmail", display_name AS "displayName", locale, roles,
    email_verified_at AS "emailVerifiedAt", created_at AS "createdAt", updated_at AS "updatedAt"
  FROM users WHERE id = $1`;

const SESSIONS = `SELECT id, device, ip, created_at AS "createdAt", last_used_at AS "lastUsedAt",
    expires_at AS "expiresAt", revoked_at AS "endedAt", revoked_reason AS "endedBy"
  FROM sessions WHERE user_id = $1 ORDER BY id DESC LIMIT $2`;

const KEYS = `SELECT id, name, scopes, created_at AS "createdAt", expires_at AS "expiresAt", last_used_at AS "lastUsedAt",
    revoked_at AS "revokedAt"
  FROM api_keys WHERE user_id = $1 ORDER BY id DESC LIMIT $2`;

@Injectable()
export class AccountRecordsRepository extends PersonalRecords {
  constructor(private readonly dataSource: DataSource) {
    super();
  }

  async recordsOf(userId: string): Promise<RecordsByKind> {
    return {
      account: await rowsOf<object>(this.dataSource, ACCOUNT, [userId]),
      apiKeys: await rowsOf<object>(this.dataSource, KEYS, [userId, RECORDS_MAX]),
      sessions: await rowsOf<object>(this.dataSource, SESSIONS, [userId, RECORDS_MAX]),
    };
  }
}
