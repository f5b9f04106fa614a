import { Inject, Injectable } from '@nestjs/common';
import type Stripe from 'stripe';
import { newId } from '../../../shared/ids.js';
import { memberOf } from '../../../shared/unknown.js';
import { Money } from '../../../shared/money.js';
import type { CaptureRequest, KnownPayment, Payment } from '../payment.entity.js';
import type { ProviderCall, ProviderReport } from '../provider-report.js';
import type { KnownRefund, Refund } from '../refunds/refund.entity.js';
import type { FoundRefund, NoAnswer, RefundList, RefundReport } from '../refunds/refund-report.js';
import type { ListVerdict, PaymentStrategy } from './payment-strategy.js';
import { toStripeAmount } from './stripe-amounts.js';
import { STRIPE, type StripeClient } from './stripe.client.js';
import { failureOf, readIntent, readQuestionError, readSubmitError } from './stripe-reading.js';
import { readFoundRefund, readRefund, readRefundError } from './stripe-refund-reading.js';

const LIST_PAGE = 100;
const LIST_PAGES_MAX = 1_000;

/** Cards through Stripe's PaymentIntents: confirmed at once with a payment method, by Stripe.js without one. */
@Injectable()
export class CardPayment implements PaymentStrategy {
  readonly provider = 'stripe';
  readonly isConfirmedByOperator = false;

  constructor(@Inject(STRIPE) private readonly stripe: StripeClient) {}

  charge(payment: Payment): Promise<ProviderReport> {
    const idempotencyKey = payment.providerIdempotencyKey;
    const request = async () => this.stripe.paymentIntents.create(createParameters(payment), { idempotencyKey });
    return report({ op: 'payment_intents.create', key: idempotencyKey }, request, [readIntent, readSubmitError]);
  }

  retrieve({ providerPaymentId }: KnownPayment): Promise<ProviderReport> {
    const request = () => this.stripe.paymentIntents.retrieve(providerPaymentId);
    return report({ op: 'payment_intents.retrieve', key: null }, request, [readIntent, readQuestionError]);
  }

  /** Asks about an intent somebody named, and which of our payments it says it belongs to. */
  async retrieveIntent(intentId: string): Promise<{ report: ProviderReport; paymentId: string | undefined }> {
    let paymentId: string | undefined;
    const request = async () => {
      const intent = await this.stripe.paymentIntents.retrieve(intentId);
      paymentId = intent.metadata.payment_id;
      return intent;
    };
    const asked = await report({ op: 'payment_intents.retrieve', key: null }, request, [readIntent, readQuestionError]);
    return { report: asked, paymentId };
  }

  /**
   * An intent is captured once by nature, so every look of recovery has a key of its own, made of what is committed: a
   * stored 500 must not block the next try.
   */
  async capture(payment: KnownPayment & { readonly captureRequest: CaptureRequest }): Promise<ProviderReport> {
    const { amount, idempotencyKey: firstKey } = payment.captureRequest;
    const idempotencyKey = payment.checks === 0 ? firstKey : `${firstKey}-${payment.checks}`;
    const request = async () => {
      const parameters = { amount_to_capture: toStripeAmount(Money.of(amount, payment.currency)) };
      return this.stripe.paymentIntents.capture(payment.providerPaymentId, parameters, { idempotencyKey });
    };
    const answer = await report({ op: 'payment_intents.capture', key: idempotencyKey }, request, [
      readIntent,
      readQuestionError,
    ]);
    return answer.status === 'unknown' ? this.retrieve(payment) : answer;
  }

  /** Cancelling is repeatable by nature, so every try has a key of its own: a stored 500 must not block the next. */
  async cancel(payment: KnownPayment): Promise<ProviderReport> {
    const idempotencyKey = `cancel-${payment.id}-${newId()}`;
    const request = () => this.stripe.paymentIntents.cancel(payment.providerPaymentId, {}, { idempotencyKey });
    const answer = await report({ op: 'payment_intents.cancel', key: idempotencyKey }, request, [
      readIntent,
      readQuestionError,
    ]);
    // An intent that cannot be cancelled any more is paid or cancelled already: ask which.
    return answer.status === 'cancelled' ? answer : this.retrieve(payment);
  }

  async find(payment: Payment, from: Date): Promise<ListVerdict> {
    const call = begin({ op: 'payment_intents.list', key: null });
    const created = { gte: Math.floor(from.getTime() / 1_000) };
    let after: string | undefined;
    try {
      for (let page = 0; page < LIST_PAGES_MAX; page++) {
        const startingAfter = after ? { starting_after: after } : {};
        const list = await this.stripe.paymentIntents.list({ created, limit: LIST_PAGE, ...startingAfter });
        const intent = list.data.find(({ metadata }) => metadata.payment_id === payment.id);
        if (intent) return { found: readIntent(intent, end(call, list.lastResponse.requestId)) };
        after = list.data.at(-1)?.id;
        if (!list.has_more || !after) return { found: null };
      }
    } catch {
      return 'no-answer';
    }
    return 'no-answer';
  }

  refund(refund: Refund, payment: KnownPayment): Promise<RefundReport> {
    const idempotencyKey = refund.providerIdempotencyKey;
    const request = async () => this.stripe.refunds.create(refundParameters(refund, payment), { idempotencyKey });
    return report({ op: 'refunds.create', key: idempotencyKey }, request, [readRefund, readRefundError]);
  }

  retrieveRefund({ providerRefundId }: KnownRefund): Promise<RefundReport> {
    const request = () => this.stripe.refunds.retrieve(providerRefundId);
    return report({ op: 'refunds.retrieve', key: null }, request, [readRefund, readQuestionError]);
  }

  /** Asks about a refund somebody named, whoever made it. */
  async retrieveFoundRefund(providerRefundId: string): Promise<FoundRefund | NoAnswer> {
    const request = () => this.stripe.refunds.retrieve(providerRefundId);
    return report({ op: 'refunds.retrieve', key: null }, request, [readFoundRefund, failureOf]);
  }

  listRefunds({ providerPaymentId }: KnownPayment): Promise<RefundList> {
    return this.listRefundsOf({ payment_intent: providerPaymentId });
  }

  async listRefundsOf(owner: Pick<Stripe.RefundListParams, 'payment_intent' | 'charge'>): Promise<RefundList> {
    const call = begin({ op: 'refunds.list', key: null });
    const found: FoundRefund[] = [];
    try {
      for (let page = 0; page < LIST_PAGES_MAX; page++) {
        const after = found.at(-1)?.report.providerRefundId;
        const startingAfter = after ? { starting_after: after } : {};
        const list = await this.stripe.refunds.list({ ...owner, limit: LIST_PAGE, ...startingAfter });
        const ended = end(call, list.lastResponse.requestId);
        found.push(...list.data.map((refund) => readFoundRefund(refund, ended)));
        if (!list.has_more || list.data.length === 0) return found;
      }
    } catch (error) {
      return failureOf(error);
    }
    return { code: 'list-without-end' };
  }
}

/** All of it is in the row, so that every repetition is the same request. */
function refundParameters(refund: Refund, payment: KnownPayment): Stripe.RefundCreateParams {
  return {
    payment_intent: payment.providerPaymentId,
    amount: toStripeAmount(Money.of(refund.amount, refund.currency)),
    metadata: { refund_id: refund.id, payment_id: payment.id, order_id: payment.orderId },
  };
}

function createParameters(payment: Payment): Stripe.PaymentIntentCreateParams {
  const { paymentMethodId, returnUrl } = payment.providerRequest;
  return {
    amount: toStripeAmount(Money.of(payment.amount, payment.currency)),
    currency: payment.currency.toLowerCase(),
    capture_method: payment.captureMethod,
    automatic_payment_methods: { enabled: true, allow_redirects: returnUrl ? 'always' : 'never' },
    metadata: { payment_id: payment.id, order_id: payment.orderId },
    ...(paymentMethodId ? { payment_method: paymentMethodId, confirm: true } : {}),
    ...(paymentMethodId && returnUrl ? { return_url: returnUrl } : {}),
  };
}

type Begun = Omit<ProviderCall, 'endedAt' | 'requestId'>;

function begin(call: Pick<ProviderCall, 'op' | 'key'>): Begun {
  return { ...call, startedAt: new Date() };
}

function end(call: Begun, requestId: unknown): ProviderCall {
  return { ...call, endedAt: new Date(), requestId: typeof requestId === 'string' ? requestId : null };
}

type Readers<T, Answer, Outage> = readonly [
  read: (object: T, call: ProviderCall) => Answer,
  readError: (error: unknown, call: ProviderCall) => Outage,
];

async function report<T, Answer, Outage>(
  what: Pick<ProviderCall, 'op' | 'key'>,
  request: () => Promise<Stripe.Response<T>>,
  [read, readError]: Readers<T, Answer, Outage>,
): Promise<Answer | Outage> {
  const call = begin(what);
  try {
    const object = await request();
    return read(object, end(call, object.lastResponse.requestId));
  } catch (error) {
    return readError(error, end(call, memberOf(error, 'requestId')));
  }
}
