import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { PersonalRecords, RECORDS_MAX, type RecordsByKind } from '../../contracts/personal-records.js';
import type { Transaction } from '../../contracts/transaction.js';
import { rowsOf } from '../../platform/database/sql.js';

const RECORDS = `SELECT id, kind, channel, status, order_id AS "orderId", created_at AS "createdAt"
  FROM notifications WHERE user_id = $1 ORDER BY id DESC LIMIT $2`;

// A sender that is at work names the version, and may still write its end.
const ERASE = `UPDATE notifications SET provider_message_id = NULL, last_error = NULL
  WHERE user_id = $1 AND (provider_message_id IS NOT NULL OR last_error IS NOT NULL)`;

/** What was told to a person. No address and no words are kept; the provider's number leads to both, at the provider. */
@Injectable()
export class PersonalNotificationsRepository extends PersonalRecords {
  constructor(private readonly dataSource: DataSource) {
    super();
  }

  async recordsOf(userId: string): Promise<RecordsByKind> {
    return { notifications: await rowsOf<object>(this.dataSource, RECORDS, [userId, RECORDS_MAX]) };
  }

  async erase(tx: Transaction, userId: string): Promise<void> {
    await tx.query(ERASE, [userId]);
  }
}
