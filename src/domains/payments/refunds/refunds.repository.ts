import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { EventName } from '../../../contracts/domain-events.js';
import { RefundSummaries, type RefundSummary } from '../../../contracts/letters.js';
import type { Transaction } from '../../../contracts/transaction.js';
import { refusedClaim, type KeyedRequest } from '../../../platform/database/idempotency.js';
import { violates } from '../../../platform/database/postgres-errors.js';
import { rowOf, rowsOf } from '../../../platform/database/sql.js';
import { eventFacts, type EventFacts } from '../../../platform/events/events.js';
import { newId } from '../../../shared/ids.js';
import type { Payment } from '../payment.entity.js';
import { evidenceOf, RECORD_CALL } from '../provider-calls.js';
import { RefundExceedsCaptured, RefundNotFound } from './refund.errors.js';
import type { Refund } from './refund.entity.js';
import { isAtProvider, type RefundReport } from './refund-report.js';
import type { RefundMove } from './refund-settlement.js';
import * as sql from './refunds.sql.js';

const RESERVATION = { released: -1, renewed: 1 } as const;

/** What support asks for: the payment is locked, and `left` of it can go back. */
export interface NewRefund {
  readonly payment: Payment;
  readonly amount: number;
  readonly reason: string;
  readonly request: KeyedRequest;
  readonly firstCheckMs: number;
}

@Injectable()
export class RefundsRepository implements RefundSummaries {
  constructor(private readonly dataSource: DataSource) {}

  /** Records that money goes back. The caller has reserved `amount` in the payment, which it holds locked. */
  async request(
    tx: Transaction,
    payment: Payment,
    { amount, reason }: { amount: number; reason: string },
  ): Promise<void> {
    const id = newId();
    const event = eventFacts('refund.requested', factOf({ id, amount }, payment));
    const facts = [event.id, payment.orderId, event.payload, event.metadata, event.subscribers];
    await tx.query(sql.REQUEST, [id, payment.id, amount, payment.currency, reason, keyOf(id), ...facts]);
  }

  /**
   * Commits the intent to give money back, and reserves it, before anybody is asked to.
   * @throws RefundExceedsCaptured, KeyTaken, RequestInProgress
   */
  async open(tx: Transaction, { payment, amount, reason, request, firstCheckMs }: NewRefund): Promise<Refund> {
    const id = newId();
    const event = eventFacts('refund.submitted', factOf({ id, amount }, payment));
    const row = await rowOf<Refund>(tx, sql.OPEN, [
      request.userId,
      request.endpoint,
      request.key,
      request.requestHash,
      id,
      payment.id,
      amount,
      payment.currency,
      reason,
      keyOf(id),
      firstCheckMs,
      newId(),
      event.id,
      payment.orderId,
      event.payload,
      event.metadata,
      event.subscribers,
    ]).catch((error: unknown) => {
      if (!violates(error, 'payments_amounts_are_ordered')) throw refusedClaim(error);
      throw new RefundExceedsCaptured(amount, leftOf(payment));
    });
    return row ?? missing(id);
  }

  /** Begins a refund that was requested before; undefined when somebody else did. */
  async submit(
    tx: Transaction,
    { refund, payment, firstCheckMs }: { refund: Refund; payment: Payment; firstCheckMs: number },
  ): Promise<Refund | undefined> {
    const event = eventFacts('refund.submitted', factOf(refund, payment));
    const facts = [event.id, payment.orderId, event.payload, event.metadata, event.subscribers];
    return rowOf<Refund>(tx, sql.SUBMIT, [refund.id, newId(), firstCheckMs, ...facts]);
  }

  /** Takes a refund into the books that was made elsewhere. It fits: the caller has looked, under the payment's lock. */
  async adopt(
    tx: Transaction,
    payment: Payment,
    { providerRefundId, amount }: { providerRefundId: string; amount: number },
  ): Promise<Refund> {
    const id = newId();
    const key = `made-elsewhere-${providerRefundId}`;
    await tx.query(sql.ADOPT, [id, payment.id, amount, payment.currency, 'made-at-the-provider', key]);
    return this.lock(tx, id);
  }

  async get(id: string): Promise<Refund> {
    return (await this.find(id)) ?? missing(id);
  }

  async find(id: string): Promise<Refund | undefined> {
    return rowOf<Refund>(this.dataSource, sql.SELECT, [id]);
  }

  /** Whatever `on` sees: the caller's own transaction, or what is committed. */
  async findByProviderId(providerRefundId: string, on: Transaction | DataSource = this.dataSource) {
    return rowOf<Refund>(on, sql.SELECT_BY_PROVIDER_ID, [providerRefundId]);
  }

  async refundOf(refundId: string): Promise<RefundSummary | null> {
    const refund = await this.find(refundId);
    return refund ? { amount: refund.amount, currency: refund.currency } : null;
  }

  /** Newest first, older than `after`. */
  listOf(paymentId: string, page: { limit: number; after?: string }): Promise<Refund[]> {
    return rowsOf<Refund>(this.dataSource, sql.LIST, [paymentId, page.after ?? null, page.limit]);
  }

  /** Holds the row until `tx` ends. The payment must be locked before it. */
  async lock(tx: Transaction, id: string): Promise<Refund> {
    return (await rowOf<Refund>(tx, sql.LOCK, [id])) ?? missing(id);
  }

  /** Moves a locked refund with its reservation, books what left or came back, and records event and evidence. */
  async move(
    tx: Transaction,
    { refund, payment }: { refund: Refund; payment: Payment },
    { move, report, nextCheckMs }: { move: RefundMove; report: RefundReport; nextCheckMs: number | null },
  ): Promise<Refund> {
    const { id } = refund;
    const event = eventFacts(move.event, factOf(refund, payment));
    const moved = await rowOf<Refund>(tx, sql.MOVE, [
      id,
      newId(),
      newId(),
      newId(),
      move.booking ?? null,
      move.booking === 'refund_reversal' ? -1 : 1,
      move.to,
      isAtProvider(report) ? report.providerRefundId : null,
      move.failure ?? null,
      nextCheckMs,
      move.reservation ? RESERVATION[move.reservation] : 0,
      ...movedFacts(event, payment),
      ...evidenceOf(id, report),
    ]);
    return moved ?? missing(id);
  }

  /** Keeps the evidence of a call that moved nothing. */
  async recordCall(tx: Transaction, { id }: Refund, report: RefundReport): Promise<void> {
    await tx.query(RECORD_CALL, evidenceOf(id, report));
  }
}

/** Minor units that can still go back. */
export function leftOf({ capturedAmount, refundedAmount }: Payment): number {
  return capturedAmount - refundedAmount;
}

function movedFacts(event: EventFacts, { orderId }: Payment): unknown[] {
  return [event.id, orderId, event.name satisfies EventName, event.payload, event.metadata, event.subscribers];
}

function factOf({ id, amount }: Pick<Refund, 'id' | 'amount'>, { id: paymentId, orderId, userId, currency }: Payment) {
  return { refundId: id, paymentId, orderId, userId, amount, currency };
}

/** Of a refund of ours, at its provider. */
function keyOf(id: string): string {
  return `purser-refund-${id}`;
}

function missing(id: string): never {
  throw new RefundNotFound(id);
}
