import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { OrderBook } from '../../../contracts/order-book.js';
import { firstIdAt, rowOf, rowsOf } from '../../../platform/database/sql.js';
import { isId } from '../../../shared/ids.js';
import { COLUMNS, HOLDER } from '../payments.sql.js';
import { REFUND_COLUMNS } from '../refunds/refunds.sql.js';
import type { NamedOrder, OurPayment, TheirPayment } from './comparison/payment-comparison.js';
import type { OurRefund } from './comparison/refund-comparison.js';
import type { Window } from './stripe-lists.js';

export const OUR_PAGE = 100;

const PAYMENTS = `SELECT ${COLUMNS},
    (SELECT sum(e.amount)::bigint FROM ledger_transactions AS t JOIN ledger_entries AS e ON e.transaction_id = t.id
      WHERE t.kind = 'capture' AND t.source_id = p.id AND e.account = ${HOLDER}) AS "bookedAmount",
    p.captured_amount > p.refunded_amount AND EXISTS (SELECT FROM payments AS other
      WHERE other.order_id = p.order_id AND other.id < p.id AND other.captured_amount > other.refunded_amount) AS "isExtra"
  FROM payments AS p`;

const NAMED = `${PAYMENTS} WHERE p.id = ANY ($1::uuid[]) OR p.provider_payment_id = ANY ($2::text[])`;

// Ids are made in the order of time: the primary key finds the window, with an hour for clocks that differ.
const FROM = firstIdAt(`($1::timestamptz - interval '1 hour')`);

const CAPTURED_UNSEEN = `${PAYMENTS}
  WHERE p.provider = 'stripe' AND p.captured_amount > 0 AND p.id >= ${FROM} AND p.first_submitted_at >= $1 AND p.first_submitted_at < $2
    AND NOT EXISTS (SELECT FROM reconciliation_seen AS s WHERE s.reconciliation_id = $3 AND s.object_id = p.provider_payment_id)
    AND ($4::uuid IS NULL OR p.id > $4)
  ORDER BY p.id LIMIT ${OUR_PAGE}`;

const PAID_BY = `SELECT id FROM payments WHERE order_id = $1 AND captured_amount > refunded_amount ORDER BY id LIMIT 1`;

const REFUNDS = `SELECT ${REFUND_COLUMNS}, EXISTS (SELECT FROM ledger_transactions AS t
    WHERE t.kind = 'refund' AND t.source_id = r.id) AS "isInLedger" FROM refunds AS r`;

const NAMED_REFUNDS = `${REFUNDS} WHERE r.id = ANY ($1::uuid[]) OR r.provider_refund_id = ANY ($2::text[])`;

const DONE_UNSEEN = `${REFUNDS} JOIN payments AS p ON p.id = r.payment_id
  WHERE p.provider = 'stripe' AND r.status IN ('pending', 'succeeded') AND r.id >= ${FROM} AND r.created_at >= $1 AND r.created_at < $2
    AND NOT EXISTS (SELECT FROM reconciliation_seen AS s WHERE s.reconciliation_id = $3 AND s.object_id = r.provider_refund_id)
    AND ($4::uuid IS NULL OR r.id > $4)
  ORDER BY r.id LIMIT ${OUR_PAGE}`;

/** Our side of a reconciliation. Reads only; PostgreSQL's truth, never a copy. */
@Injectable()
export class OurBooksRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly orders: OrderBook,
  ) {}

  /** Every payment that one of these objects is, or names. */
  async paymentsOf(theirs: readonly Pick<TheirPayment, 'id' | 'paymentId'>[]): Promise<PaymentsByName> {
    const ids = theirs.map(({ paymentId }) => paymentId).filter(isId);
    const providerIds = theirs.map(({ id }) => id);
    return new PaymentsByName(await rowsOf<OurPayment>(this.dataSource, NAMED, [ids, providerIds]));
  }

  /** What is known of the order an object names. */
  async orderOf({ orderId }: Pick<TheirPayment, 'orderId'>): Promise<NamedOrder> {
    if (!isId(orderId) || !(await this.orders.isVisible(orderId, null))) return { isKnown: false, paidBy: null };
    const paid = await rowOf<{ id: string }>(this.dataSource, PAID_BY, [orderId]);
    return { isKnown: true, paidBy: paid?.id ?? null };
  }

  /** A page of captured payments whose object the provider's lists did not show, behind `after`. */
  capturedUnseen(run: { id: string } & Window, after: string | null): Promise<OurPayment[]> {
    return rowsOf(this.dataSource, CAPTURED_UNSEEN, [run.from, run.to, run.id, after]);
  }

  async refundsOf(ids: readonly string[], providerIds: readonly string[]): Promise<OurRefund[]> {
    return rowsOf(this.dataSource, NAMED_REFUNDS, [ids.filter(isId), providerIds]);
  }

  /** A page of refunds the provider should have and its list did not show, behind `after`. */
  refundsUnseen(run: { id: string } & Window, after: string | null): Promise<OurRefund[]> {
    return rowsOf(this.dataSource, DONE_UNSEEN, [run.from, run.to, run.id, after]);
  }
}

export class PaymentsByName {
  private readonly byId: ReadonlyMap<string, OurPayment>;
  private readonly byProviderId: ReadonlyMap<string | null, OurPayment>;

  constructor(payments: readonly OurPayment[]) {
    this.byId = new Map(payments.map((payment) => [payment.id, payment]));
    this.byProviderId = new Map(payments.map((payment) => [payment.providerPaymentId, payment]));
  }

  /** The row that is this object, else the one it names. */
  of({ id, paymentId }: Pick<TheirPayment, 'id' | 'paymentId'>): OurPayment | undefined {
    return this.byProviderId.get(id) ?? (paymentId === undefined ? undefined : this.byId.get(paymentId));
  }
}
