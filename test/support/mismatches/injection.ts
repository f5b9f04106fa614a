import type Stripe from 'stripe';
import type { MismatchClass } from '../../../src/domains/payments/reconciliation/comparison/mismatch.js';
import { newId } from '../../../src/shared/ids.js';
import { type BookFacts, writeBooks } from './books.js';

/** The two sides that are to differ: the provider's own API and doors, and the database as its superuser. */
export interface Sides {
  readonly stripe: Stripe;
  readonly userId: string;
  readonly query: (sql: string) => Promise<unknown>;
  readonly door: (method: string, path: string, body?: unknown) => Promise<unknown>;
}

/** What a reconciliation has to find for one injected difference, and nothing else for it. */
export interface Injected {
  readonly class: MismatchClass;
  readonly subject: string;
}

interface Made {
  readonly intentId: string;
  readonly chargeId: string;
}

type Fields = Partial<Stripe.PaymentIntentCreateParams>;

/** Makes differences of every class, each on an order of its own: variety by number, so that a run can be repeated. */
export class Mismatches {
  private readonly pending: BookFacts[] = [];

  constructor(private readonly sides: Sides) {}

  /** Payments about which both sides agree. */
  async agreeing(count: number): Promise<void> {
    for (let number = 0; number < count; number += 1) await this.paid(number);
    await this.write();
  }

  async inject(wanted: MismatchClass, count: number): Promise<Injected[]> {
    const injected: Injected[] = [];
    for (let number = 0; number < count; number += 1) {
      injected.push({ class: wanted, subject: await this.makers[wanted](number) });
    }
    await this.write();
    return injected;
  }

  private readonly makers: Readonly<Record<MismatchClass, (number: number) => Promise<string>>> = {
    'missing-row': async (number) => {
      const facts = this.facts(number, { isRowless: true, orderStatus: 'pending' });
      const names = number % 3 === 0 ? {} : { metadata: namesOf(facts) };
      return (await this.intent(facts, { metadata: {}, ...names })).intentId;
    },
    'missing-capture': async (number) => {
      const facts = this.facts(number);
      const isUnknown = number % 2 === 0;
      const made = isUnknown
        ? undefined
        : await this.intent(facts, { payment_method: 'pm_card_authenticationRequired' });
      this.pending.push({ ...facts, providerPaymentId: made?.intentId ?? `pi_never_${facts.paymentId}` });
      return facts.paymentId;
    },
    amount: async (number) => {
      const facts = this.facts(number);
      const isTheirs = number % 2 === 0;
      const { intentId } = await this.intent(facts, isTheirs ? { amount: facts.amount + 1 + number } : {});
      this.pending.push({ ...facts, providerPaymentId: intentId, capturedAmount: facts.amount - (isTheirs ? 0 : 1) });
      return intentId;
    },
    currency: async (number) => {
      const facts = this.facts(number);
      const { intentId } = await this.intent(facts, { currency: 'eur' });
      const isCaptured = number % 2 === 0;
      this.pending.push({
        ...facts,
        providerPaymentId: intentId,
        ...(isCaptured ? {} : { status: 'requires_action' }),
      });
      return intentId;
    },
    duplicate: async (number) => {
      const first = await this.paid(number);
      const isSamePayment = number % 2 === 0;
      const second = isSamePayment ? first : { ...first, paymentId: newId() };
      const { intentId } = await this.intent(second);
      if (!isSamePayment) {
        const kept = { status: 'late_succeeded', isOrderThere: true } as const;
        this.pending.push({ ...second, ...kept, providerPaymentId: intentId });
      }
      return intentId;
    },
    orphan: async (number) => {
      const facts = this.facts(number);
      const waits = { payment_method: 'pm_card_authenticationRequired' };
      return (await this.intent(facts, number % 2 === 0 ? {} : waits)).intentId;
    },
    late: async (number) => {
      const statuses = ['unknown', 'requires_action', 'failed', 'cancelled', 'needs_review'] as const;
      const status = statuses[number % statuses.length] ?? 'unknown';
      const orderStatus = number % 4 === 0 && (status === 'failed' || status === 'cancelled') ? 'cancelled' : 'pending';
      const facts = this.facts(number, { status, orderStatus });
      const { intentId } = await this.intent(facts);
      const isKnown = number % 2 === 0;
      this.pending.push({ ...facts, providerPaymentId: isKnown ? intentId : null });
      return intentId;
    },
    'dashboard-refund': async (number) => {
      const { chargeId, amount } = await this.paid(number);
      const part = number % 2 === 0 ? {} : { amount: Math.ceil(amount / 2) };
      const refund = (await this.sides.door('POST', `/_sandbox/charges/${chargeId}/refund`, part)) as { id: string };
      return refund.id;
    },
    'refund-missing': async (number) => {
      const refundId = newId();
      await this.paid(number, {
        refund: { id: refundId, status: 'succeeded', providerRefundId: `re_never_${refundId}` },
      });
      return refundId;
    },
    'refund-differs': async (number) => {
      const refundId = newId();
      const { intentId, amount } = await this.paid(number);
      const refund = await this.sides.stripe.refunds.create({
        payment_intent: intentId,
        amount: number % 2 === 0 ? amount : amount - 1,
        metadata: { refund_id: refundId },
      });
      const status = number % 2 === 0 ? 'unknown' : 'succeeded';
      const last = this.pending.at(-1);
      if (last) last.refund = { id: refundId, status, providerRefundId: number % 2 === 0 ? null : refund.id };
      return refund.id;
    },
    'missing-ledger': async (number) => (await this.paid(number, { isBooked: false })).intentId,
  };

  private async paid(number: number, changes: Partial<BookFacts> = {}): Promise<BookFacts & Made> {
    const facts = this.facts(number, changes);
    const made = await this.intent(facts);
    this.pending.push({ ...facts, providerPaymentId: made.intentId });
    return { ...facts, ...made };
  }

  private facts(number: number, changes: Partial<BookFacts> = {}): BookFacts {
    const amount = 500 + ((number * 7_919) % 90_000);
    const ids = { paymentId: newId(), orderId: newId(), userId: this.sides.userId };
    const facts = {
      ...ids,
      amount,
      currency: 'USD',
      status: 'succeeded',
      orderStatus: 'completed',
      ...changes,
    } as const;
    if (changes.isRowless) this.pending.push({ ...facts, providerPaymentId: null });
    return { ...facts, providerPaymentId: null };
  }

  private async intent(facts: BookFacts, changes: Fields = {}): Promise<Made> {
    const intent = await this.sides.stripe.paymentIntents.create({
      amount: facts.amount,
      currency: 'usd',
      payment_method: 'pm_card_visa',
      confirm: true,
      return_url: 'https://shop.example/back',
      metadata: namesOf(facts),
      ...changes,
    });
    return { intentId: intent.id, chargeId: typeof intent.latest_charge === 'string' ? intent.latest_charge : '' };
  }

  private async write(): Promise<void> {
    await writeBooks(this.sides, this.pending.splice(0));
  }
}

function namesOf({ paymentId, orderId }: BookFacts): Record<string, string> {
  return { payment_id: paymentId, order_id: orderId };
}
