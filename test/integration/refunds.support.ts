import type { Payment } from '../../src/domains/payments/payment.entity.js';
import type { Refund } from '../../src/domains/payments/refunds/refund.entity.js';
import { hashOf, type KeyedRequest } from '../../src/platform/database/idempotency.js';
import { newId } from '../../src/shared/ids.js';
import type { Fault } from '../../tools/sandbox/core/faults.js';
import { waitUntil } from '../support/wait.js';
import { aUser } from './orders.fixture.js';
import { PaymentDesk } from './payments.support.js';

/** Both tries of one call. */
export const TWICE = 2;

interface Wanted {
  readonly amount?: number;
  readonly key?: string;
  readonly reason?: string;
}

/** A till with somebody of support behind it. */
export class RefundDesk {
  private constructor(
    readonly shop: PaymentDesk,
    readonly supportId: string,
  ) {}

  static async open(settings: Record<string, string> = {}): Promise<RefundDesk> {
    const shop = await PaymentDesk.open(settings);
    return new RefundDesk(shop, (await aUser(shop.db)).id);
  }

  async paid(card = 'pm_card_visa'): Promise<Payment> {
    return (await this.shop.pay({ paymentMethodId: card })).payment;
  }

  /** As support asks for it: all that is left, unless told otherwise. */
  refund({ id }: Pick<Payment, 'id'>, { amount, key = newId(), reason = 'arrived broken' }: Wanted = {}) {
    const command = { reason, ...(amount === undefined ? {} : { amount }) };
    return this.shop.refunding.service.refund(id, this.keyed(id, key, command), command);
  }

  /** tx A, and nothing after it: as if the process had died then. */
  async opened({ id }: Pick<Payment, 'id'>, { amount }: { amount: number }): Promise<Refund> {
    const command = { amount, reason: 'arrived broken' };
    return (await this.shop.refunding.opening.open(id, this.keyed(id, newId(), command), command)).refund;
  }

  /** The refunds of a payment, oldest first. */
  async refundsOf({ id }: Pick<Payment, 'id'>): Promise<Refund[]> {
    return (await this.shop.refunding.refunds.listOf(id, { limit: 100 })).reverse();
  }

  async onlyRefundOf(payment: Pick<Payment, 'id'>): Promise<Refund> {
    const [refund, ...others] = await this.refundsOf(payment);
    if (!refund || others.length > 0) throw new Error('not exactly one refund');
    return refund;
  }

  /** Nobody hears what becomes of the next refund. */
  silence(effect: Fault['effect'] = 'dropReply'): Promise<void> {
    return this.shop.rig.arm({ op: 'refunds.create', effect, times: TWICE });
  }

  /** Moves what a refund remembers of time into the past, has it looked at now, and tells how it is afterwards. */
  async recovered({ id }: Pick<Refund, 'id'>, by: { first?: string; last?: string } = {}): Promise<Refund> {
    const { first = '0', last = first } = by;
    await this.shop.db.query(
      `UPDATE refunds SET first_submitted_at = first_submitted_at - $2::interval, next_check_at = now(),
              last_submitted_at = last_submitted_at - $3::interval WHERE id = $1`,
      [id, first, last],
    );
    await this.shop.refunding.recovery.recoverDue();
    return this.shop.refunding.refunds.get(id);
  }

  /** What the sandbox did with the money of this payment's refunds. */
  async done({ providerPaymentId }: Payment): Promise<string[]> {
    const refunds = await this.shop.rig.stripe().refunds.list({ payment_intent: providerPaymentId ?? '', limit: 100 });
    const ids = refunds.data.map(({ id }) => id);
    const own = (await this.shop.rig.journal()).filter(({ object }) => ids.includes(object ?? ''));
    return own
      .filter(({ outcome }) => outcome === 'refunded' || outcome === 'refund_failed')
      .map(({ outcome, amount }) => `${outcome} ${amount}`);
  }

  async eventsOf({ id }: Pick<Refund, 'id'>): Promise<string[]> {
    const sql = `SELECT name FROM events WHERE stream = 'refund-' || $1 ORDER BY version`;
    return (await this.shop.db.query<{ name: string }>(sql, [id])).map(({ name }) => name.replace('refund.', ''));
  }

  until(condition: () => Promise<boolean>): Promise<unknown> {
    return waitUntil(condition, { what: 'the provider to be done' });
  }

  async reservedIn({ id }: Pick<Payment, 'id'>): Promise<number> {
    return (await this.shop.payments.get(id)).refundedAmount;
  }

  private keyed(paymentId: string, key: string, body: unknown): KeyedRequest {
    const endpoint = 'POST /v1/payments/:id/refunds';
    return { userId: this.supportId, endpoint, key, requestHash: hashOf({ endpoint, params: { paymentId }, body }) };
  }
}
