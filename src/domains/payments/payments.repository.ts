import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { EventName } from '../../contracts/domain-events.js';
import { PaymentSummaries, type PaymentSummary } from '../../contracts/letters.js';
import type { Transaction } from '../../contracts/transaction.js';
import { newId } from '../../shared/ids.js';
import { refusedClaim, type KeyedRequest } from '../../platform/database/idempotency.js';
import { violates } from '../../platform/database/postgres-errors.js';
import { rowOf, rowsOf } from '../../platform/database/sql.js';
import { eventFacts } from '../../platform/events/events.js';
import type { CaptureRequest, Payment } from './payment.entity.js';
import { PaymentInProgress } from '../../contracts/payment-errors.js';
import { PaymentNotFound } from './payment.errors.js';
import { evidenceOf, RECORD_CALL } from './provider-calls.js';
import type { ProviderReport } from './provider-report.js';
import {
  LIVE_OF,
  LIST,
  LOCK,
  MOVE,
  OPEN,
  REQUEST_CAPTURE,
  RIVAL,
  SELECT_LIVE,
  SELECT,
  SELECT_BY_PROVIDER_ID,
  SURFACE,
} from './payments.sql.js';
import type { Move } from './settlement/settlement.js';

/** What tx A writes: the payment as it will be submitted, and the key it was asked for with. */
export interface NewPayment {
  readonly payment: Pick<
    Payment,
    | 'id'
    | 'orderId'
    | 'userId'
    | 'amount'
    | 'currency'
    | 'paymentMethod'
    | 'captureMethod'
    | 'provider'
    | 'providerRequest'
  >;
  readonly request: KeyedRequest;
  readonly firstCheckMs: number;
}

/** The facts of a move that only the caller knows. Null `nextCheckMs` means that nobody needs to look again. */
export interface MoveFacts {
  readonly actionTtlMs: number;
  readonly nextCheckMs: number | null;
  readonly refundedAmount: number | null;
}

@Injectable()
export class PaymentsRepository implements PaymentSummaries {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Commits the intent to charge before anybody is asked to: key, payment, evidence and event in one statement.
   * It inserts without looking; the database refuses a second live payment and a second use of the key.
   * @throws PaymentInProgress, KeyTaken, RequestInProgress
   */
  async open(tx: Transaction, { payment, request, firstCheckMs }: NewPayment): Promise<Payment> {
    const { id, orderId, userId, amount, currency } = payment;
    const providerKey = `purser-${id}`;
    const event = eventFacts('payment.submitted', { paymentId: id, orderId, userId, amount, currency });
    const row = await rowOf<Payment>(tx, OPEN, [
      userId,
      request.endpoint,
      request.key,
      request.requestHash,
      id,
      orderId,
      amount,
      currency,
      payment.paymentMethod,
      payment.captureMethod,
      payment.provider,
      providerKey,
      payment.providerRequest,
      firstCheckMs,
      event.id,
      event.payload,
      event.metadata,
      event.subscribers,
      newId(),
    ]).catch((error: unknown) => {
      throw violates(error, 'payments_one_live_per_order') ? new PaymentInProgress(orderId) : refusedClaim(error);
    });
    return row ?? missing(id);
  }

  async get(id: string): Promise<Payment> {
    return (await rowOf<Payment>(this.dataSource, SELECT, [id])) ?? missing(id);
  }

  async find(id: string): Promise<Payment | undefined> {
    return rowOf<Payment>(this.dataSource, SELECT, [id]);
  }

  async summaryOf(paymentId: string): Promise<PaymentSummary | null> {
    const payment = await this.find(paymentId);
    return payment ? { capturedAmount: payment.capturedAmount, currency: payment.currency } : null;
  }

  async findByProviderId(providerPaymentId: string): Promise<Payment | undefined> {
    return rowOf<Payment>(this.dataSource, SELECT_BY_PROVIDER_ID, [providerPaymentId]);
  }

  /** Newest first, older than `after`. */
  listOf(orderId: string, page: { limit: number; after?: string }): Promise<Payment[]> {
    return rowsOf<Payment>(this.dataSource, LIST, [orderId, page.after ?? null, page.limit]);
  }

  /** Holds the row until `tx` ends. The order must be locked before it. */
  async lock(tx: Transaction, id: string): Promise<Payment> {
    return (await rowOf<Payment>(tx, LOCK, [id])) ?? missing(id);
  }

  /** Another payment of the same order that is live or succeeded. */
  async hasRival(tx: Transaction, { id, orderId }: Payment): Promise<boolean> {
    return (await rowOf(tx, RIVAL, [orderId, id])) !== undefined;
  }

  /** The live payment of a locked order, or null. */
  async liveOf(tx: Transaction, orderId: string): Promise<{ id: string; status: string } | null> {
    return (await rowOf<{ id: string; status: string }>(tx, LIVE_OF, [orderId])) ?? null;
  }

  /** Moves a locked payment, books what was captured, and records event and evidence: one statement. */
  async move(
    tx: Transaction,
    payment: Payment,
    change: { move: Move; report: ProviderReport; facts: MoveFacts },
  ): Promise<Payment> {
    const { move, report, facts } = change;
    const { id, orderId, userId, amount, currency } = payment;
    const chargeId = 'chargeId' in report ? report.chargeId : null;
    const captured =
      move.capture === undefined ? {} : { capturedAmount: move.capture, ...(chargeId ? { chargeId } : {}) };
    const event = eventFacts(move.event, { paymentId: id, orderId, userId, amount, currency, ...captured });
    const moved = await rowOf<Payment>(tx, MOVE, [
      id,
      move.to,
      providerIdOf(report),
      chargeId,
      move.capture ?? null,
      facts.refundedAmount,
      move.failure ?? null,
      move.nextAction ?? null,
      facts.actionTtlMs,
      facts.nextCheckMs,
      newId(),
      newId(),
      newId(),
      event.id,
      event.name satisfies EventName,
      event.payload,
      event.metadata,
      event.subscribers,
      ...evidenceOf(id, report),
    ]);
    return moved ?? missing(id);
  }

  /** The same without a lock, for those who look before they ask the provider. */
  async findLive(orderId: string): Promise<Payment | undefined> {
    return rowOf<Payment>(this.dataSource, SELECT_LIVE, [orderId]);
  }

  /** Commits that a locked, authorized payment is to be captured. */
  async requestCapture(
    tx: Transaction,
    payment: Payment,
    { captureRequest, firstCheckMs }: { captureRequest: CaptureRequest; firstCheckMs: number },
  ): Promise<Payment> {
    const { id, orderId, userId, amount, currency } = payment;
    const event = eventFacts('payment.capture-requested', { paymentId: id, orderId, userId, amount, currency });
    const facts = [event.id, event.payload, event.metadata, event.subscribers];
    return (await rowOf<Payment>(tx, REQUEST_CAPTURE, [id, captureRequest, firstCheckMs, ...facts])) ?? missing(id);
  }

  /** Keeps the provider's id of a payment we gave up, and tells that it is alive there. */
  async surface(tx: Transaction, payment: Payment, report: ProviderReport): Promise<Payment> {
    const { id, orderId, userId, amount, currency } = payment;
    const event = eventFacts('payment.surfaced', { paymentId: id, orderId, userId, amount, currency });
    const facts = [event.id, event.payload, event.metadata, event.subscribers];
    return (await rowOf<Payment>(tx, SURFACE, [id, providerIdOf(report), ...facts])) ?? missing(id);
  }

  /** Keeps the evidence of a call that moved nothing. */
  async recordCall(tx: Transaction, payment: Payment, report: ProviderReport): Promise<void> {
    await tx.query(RECORD_CALL, evidenceOf(payment.id, report));
  }
}

function providerIdOf(report: ProviderReport): string | null {
  return ('providerPaymentId' in report ? report.providerPaymentId : undefined) ?? null;
}

function missing(id: string): never {
  throw new PaymentNotFound(id);
}
