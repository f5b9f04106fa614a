import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../../contracts/transaction.js';
import { rowOf } from '../../../platform/database/sql.js';
import { eventFacts } from '../../../platform/events/events.js';
import { newId } from '../../../shared/ids.js';
import type { Payment } from '../payment.entity.js';
import type { DisputeChange, DisputeReport } from './dispute-settlement.js';
import type { Dispute } from './dispute.entity.js';

const COLUMNS = `d.id, d.payment_id AS "paymentId", d.provider_dispute_id AS "providerDisputeId", d.amount, d.currency,
  d.reason, d.status, d.withdrawn_at AS "withdrawnAt", d.reinstated_at AS "reinstatedAt", d.version,
  d.created_at AS "createdAt", d.updated_at AS "updatedAt"`;

const LOCK = `SELECT ${COLUMNS} FROM disputes AS d WHERE d.provider_dispute_id = $1 FOR UPDATE`;

const OPEN = `WITH d AS (
    INSERT INTO disputes (id, payment_id, provider_dispute_id, amount, currency, reason, status, withdrawn_at, reinstated_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, CASE WHEN $8 THEN now() END, CASE WHEN $9 THEN now() END) RETURNING *
  )
  SELECT ${COLUMNS}, append_event($10, 'dispute-' || d.id, d.version, $11, $12, $13, $14, $15)::text AS appended FROM d`;

const CHANGE = `WITH d AS (
    UPDATE disputes SET status = $2, withdrawn_at = coalesce(withdrawn_at, CASE WHEN $3 THEN now() END),
           reinstated_at = coalesce(reinstated_at, CASE WHEN $4 THEN now() END),
           version = version + 1, updated_at = now()
     WHERE id = $1 RETURNING *
  )
  SELECT ${COLUMNS}, append_event($5, 'dispute-' || d.id, d.version, $6, $7, $8, $9, $10)::text AS appended FROM d`;

@Injectable()
export class DisputesRepository {
  /** Holds the row until `tx` ends, if there is one. Its payment must be locked before it. */
  async lock(tx: Transaction, providerDisputeId: string): Promise<Dispute | null> {
    return (await rowOf<Dispute>(tx, LOCK, [providerDisputeId])) ?? null;
  }

  async open(
    tx: Transaction,
    payment: Payment,
    { report, change }: { report: DisputeReport; change: DisputeChange },
  ): Promise<Dispute | undefined> {
    const id = newId();
    const { claimed, reason, providerDisputeId } = report;
    const { amount, currency } = claimed;
    const { status } = change;
    const facts = eventOf(payment, { id, amount, currency, reason }, change);
    const row = [id, payment.id, providerDisputeId, amount, currency, reason, status, ...movesOf(change)];
    return rowOf<Dispute>(tx, OPEN, [...row, ...facts]);
  }

  /** Takes a locked dispute one step on. */
  async change(
    tx: Transaction,
    payment: Payment,
    { dispute, change }: { dispute: Dispute; change: DisputeChange },
  ): Promise<Dispute | undefined> {
    const facts = eventOf(payment, dispute, change);
    return rowOf<Dispute>(tx, CHANGE, [dispute.id, change.status, ...movesOf(change), ...facts]);
  }
}

function movesOf({ withdrawn, reinstated }: DisputeChange): boolean[] {
  return [withdrawn !== null, reinstated !== null];
}

function eventOf(
  { id: paymentId, orderId }: Payment,
  { id: disputeId, amount, currency, reason }: Pick<Dispute, 'id' | 'amount' | 'currency' | 'reason'>,
  { event, status }: DisputeChange,
): unknown[] {
  const payload = { disputeId, paymentId, orderId, amount, currency, reason, status };
  const facts = eventFacts(event, payload);
  return [facts.id, orderId, facts.name, facts.payload, facts.metadata, facts.subscribers];
}
