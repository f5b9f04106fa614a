import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../../contracts/transaction.js';
import { newId } from '../../../shared/ids.js';
import { eventFacts } from '../../../platform/events/events.js';
import type { Payment } from '../payment.entity.js';

const REQUEST = `WITH r AS (
    INSERT INTO refunds (id, payment_id, amount, currency, reason, provider_idempotency_key)
    VALUES ($1, $2, $3, $4, $5, $6) RETURNING *
  )
  SELECT append_event($7, 'refund-' || r.id, r.version, $8, 'refund.requested', $9, $10, $11)::text AS appended FROM r`;

@Injectable()
export class RefundsRepository {
  /** Records that money goes back. The caller has reserved `amount` in the payment, which it holds locked. */
  async request(
    tx: Transaction,
    payment: Payment,
    { amount, reason }: { amount: number; reason: string },
  ): Promise<void> {
    const id = newId();
    const { orderId, currency } = payment;
    const event = eventFacts('refund.requested', { refundId: id, paymentId: payment.id, orderId, amount, currency });
    await tx.query(REQUEST, [
      id,
      payment.id,
      amount,
      currency,
      reason,
      `purser-refund-${id}`,
      event.id,
      orderId,
      event.payload,
      event.metadata,
      event.subscribers,
    ]);
  }
}
