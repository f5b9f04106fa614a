import { Inject, Injectable } from '@nestjs/common';
import type Stripe from 'stripe';
import { memberOf } from '../../../shared/unknown.js';
import type { ProviderCall } from '../provider-report.js';
import type { FoundRefund } from '../refunds/refund-report.js';
import { STRIPE, type StripeClient } from '../strategies/stripe.client.js';
import { idOf, readIntent } from '../strategies/stripe-reading.js';
import { readFoundRefund } from '../strategies/stripe-refund-reading.js';
import type { TheirPayment } from './comparison/payment-comparison.js';

const PAGE = 100;

/** A stretch of the provider's time. */
export interface Window {
  readonly from: Date;
  readonly to: Date;
}

/** A captured charge: of an intent, or made without one. */
export interface TheirCharge {
  readonly id: string;
  readonly intentId: string | null;
  readonly amount: number;
  readonly currency: string;
}

interface Listed {
  readonly id: string;
}

type List<T extends Listed> = Promise<Stripe.Response<Stripe.ApiList<T>>>;
type Page = { created: { gte: number; lte: number }; limit: number; starting_after?: string };

/** Stripe's own lists, page by page and newest first: whoever reads them holds one page at a time. */
@Injectable()
export class StripeLists {
  constructor(@Inject(STRIPE) private readonly stripe: StripeClient) {}

  async *payments(window: Window): AsyncGenerator<TheirPayment[]> {
    for await (const { data, call } of pages('payment_intents.list', window, (page) =>
      this.stripe.paymentIntents.list(page),
    )) {
      yield data.map((intent) => readTheirs(intent, call));
    }
  }

  async *charges(window: Window): AsyncGenerator<TheirCharge[]> {
    for await (const { data } of pages('charges.list', window, (page) => this.stripe.charges.list(page))) {
      yield data.filter(({ captured, amount_captured: amount }) => captured && amount > 0).map(readCharge);
    }
  }

  /** Money that went back. A reservation that was let go is a refund of Stripe's, too, without a balance transaction. */
  async *refunds(window: Window): AsyncGenerator<FoundRefund[]> {
    for await (const { data, call } of pages('refunds.list', window, (page) => this.stripe.refunds.list(page))) {
      const ofMoney = data.filter(({ status, balance_transaction: moved }) => status !== 'succeeded' || moved !== null);
      yield ofMoney.map((refund) => readFoundRefund(refund, call));
    }
  }

  /** One object as it is now; null when Stripe knows none. @throws when Stripe does not answer */
  async payment(id: string): Promise<TheirPayment | null> {
    const call = begin('payment_intents.retrieve');
    try {
      const intent = await this.stripe.paymentIntents.retrieve(id);
      return readTheirs(intent, end(call, intent.lastResponse.requestId));
    } catch (error) {
      return nothingThere(error);
    }
  }

  /** The same for a refund. */
  async refund(id: string): Promise<FoundRefund | null> {
    const call = begin('refunds.retrieve');
    try {
      const refund = await this.stripe.refunds.retrieve(id);
      return readFoundRefund(refund, end(call, refund.lastResponse.requestId));
    } catch (error) {
      return nothingThere(error);
    }
  }
}

async function* pages<T extends Listed>(
  op: string,
  { from, to }: Window,
  list: (page: Page) => List<T>,
): AsyncGenerator<{ data: T[]; call: ProviderCall }> {
  const created = { gte: Math.floor(from.getTime() / 1_000), lte: Math.ceil(to.getTime() / 1_000) };
  let after: string | undefined;
  do {
    const call = begin(op);
    const page = await list({ created, limit: PAGE, ...(after ? { starting_after: after } : {}) });
    yield { data: page.data, call: end(call, page.lastResponse.requestId) };
    after = page.has_more ? page.data.at(-1)?.id : undefined;
  } while (after);
}

function readTheirs(intent: Stripe.PaymentIntent, call: ProviderCall): TheirPayment {
  const { id, metadata } = intent;
  return { id, report: readIntent(intent, call), paymentId: metadata['payment_id'], orderId: metadata['order_id'] };
}

function readCharge(charge: Stripe.Charge): TheirCharge {
  const { id, amount_captured: amount, currency } = charge;
  return { id, intentId: idOf(charge.payment_intent), amount, currency: currency.toUpperCase() };
}

function nothingThere(error: unknown): null {
  if (memberOf(error, 'code') === 'resource_missing') return null;
  throw error;
}

type Begun = Pick<ProviderCall, 'op' | 'startedAt'>;

function begin(op: string): Begun {
  return { op, startedAt: new Date() };
}

function end({ op, startedAt }: Begun, requestId: unknown): ProviderCall {
  return { op, key: null, startedAt, endedAt: new Date(), requestId: typeof requestId === 'string' ? requestId : null };
}
