import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { PendingOrders } from '../../contracts/pending-orders.js';
import { PersonalRecords, RECORDS_MAX, type RecordsByKind } from '../../contracts/personal-records.js';
import type { Transaction } from '../../contracts/transaction.js';
import { rowOf, rowsOf } from '../../platform/database/sql.js';

// Not a change of the order's life, so it raises no version and has no event.
const ERASE = `UPDATE orders SET cancel_reason = NULL WHERE user_id = $1 AND cancel_reason IS NOT NULL`;

const PENDING = `SELECT count(*)::integer AS count FROM orders WHERE user_id = $1 AND status = 'pending'`;

const RECORDS = `SELECT id, status, currency, total_amount::integer AS "totalAmount", cancel_reason AS "cancelReason",
    created_at AS "createdAt", updated_at AS "updatedAt",
    (SELECT json_agg(json_build_object('sku', i.sku, 'name', i.name, 'unitAmount', i.unit_amount, 'quantity', i.quantity)
       ORDER BY i.position) FROM order_items AS i WHERE i.order_id = o.id) AS items
  FROM orders AS o WHERE user_id = $1 ORDER BY id DESC LIMIT $2`;

/** What orders hold of the person who placed them, beside its being theirs: why they cancelled, in their own words. */
@Injectable()
export class PersonalOrdersRepository extends PersonalRecords implements PendingOrders {
  constructor(private readonly dataSource: DataSource) {
    super();
  }

  async recordsOf(userId: string): Promise<RecordsByKind> {
    return { orders: await rowsOf<object>(this.dataSource, RECORDS, [userId, RECORDS_MAX]) };
  }

  async countPending(tx: Transaction, userId: string): Promise<number> {
    return (await rowOf<{ count: number }>(tx, PENDING, [userId]))?.count ?? 0;
  }

  async erase(tx: Transaction, userId: string): Promise<void> {
    await tx.query(ERASE, [userId]);
  }
}
