import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../../contracts/transaction.js';
import { newId } from '../../../shared/ids.js';
import type { Payment } from '../payment.entity.js';

const OPEN = `INSERT INTO reviews (id, payment_id, reason, evidence) VALUES ($1, $2, $3, $4)
  ON CONFLICT (payment_id, reason) WHERE resolved_at IS NULL DO NOTHING`;

@Injectable()
export class ReviewsRepository {
  /** Puts a payment before an operator; once per reason while it is open. */
  async open(
    tx: Transaction,
    payment: Payment,
    { reason, evidence }: { reason: string; evidence: object },
  ): Promise<void> {
    await tx.query(OPEN, [newId(), payment.id, reason, evidence]);
  }
}
