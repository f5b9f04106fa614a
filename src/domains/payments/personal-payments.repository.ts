import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { PersonalRecords, RECORDS_MAX, type RecordsByKind } from '../../contracts/personal-records.js';
import { rowsOf } from '../../platform/database/sql.js';

// By their orders, which are indexed by user: payments are not.
const PAYMENTS = `SELECT p.id, p.order_id AS "orderId", p.status, p.amount::integer AS amount, p.currency,
    p.payment_method AS "paymentMethod", p.captured_amount::integer AS "capturedAmount",
    p.refunded_amount::integer AS "refundedAmount", p.created_at AS "createdAt"
  FROM orders AS o JOIN payments AS p ON p.order_id = o.id WHERE o.user_id = $1 ORDER BY p.id DESC LIMIT $2`;

const REFUNDS = `SELECT r.id, r.payment_id AS "paymentId", r.status, r.amount::integer AS amount, r.currency, r.reason,
    r.created_at AS "createdAt"
  FROM orders AS o JOIN payments AS p ON p.order_id = o.id JOIN refunds AS r ON r.payment_id = p.id
  WHERE o.user_id = $1 ORDER BY r.id DESC LIMIT $2`;

/** The payments of a person, for that person. They are books: nothing in them is erased. */
@Injectable()
export class PersonalPaymentsRepository extends PersonalRecords {
  constructor(private readonly dataSource: DataSource) {
    super();
  }

  async recordsOf(userId: string): Promise<RecordsByKind> {
    return {
      payments: await rowsOf<object>(this.dataSource, PAYMENTS, [userId, RECORDS_MAX]),
      refunds: await rowsOf<object>(this.dataSource, REFUNDS, [userId, RECORDS_MAX]),
    };
  }
}
