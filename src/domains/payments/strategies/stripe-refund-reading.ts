import type Stripe from 'stripe';
import type { PaymentFailure } from '../payment.entity.js';
import type { ProviderCall } from '../provider-report.js';
import type { FoundRefund, RefundReport } from '../refunds/refund-report.js';
import { fromStripeAmount } from './stripe-amounts.js';
import { idOf, readSubmitError } from './stripe-reading.js';

/**
 * Stripe's words in ours (https://docs.stripe.com/api/refunds/object#refund_object-status). A pending refund is off our
 * balance as soon as it names its balance transaction; one that waits for our balance to suffice names none.
 * @throws RangeError for an amount we cannot hold: it decides as little as no answer
 */
export function readRefund(refund: Stripe.Refund, call: ProviderCall): FoundRefund['report'] {
  const money = fromStripeAmount(refund.amount, refund.currency);
  const object = {
    call,
    providerRefundId: refund.id,
    providerPaymentId: idOf(refund.payment_intent),
    amount: money.amount,
    currency: money.currency,
  };
  switch (refund.status) {
    case 'succeeded':
      return { ...object, status: 'succeeded' };
    case 'failed':
      return { ...object, status: 'failed', failure: failureOf(refund) };
    case 'canceled':
      return { ...object, status: 'cancelled' };
    default:
      // `pending`, `requires_action`, and whatever else Stripe may invent: it has the refund, and no end of it.
      return { ...object, status: 'pending', hasLeft: refund.balance_transaction !== null };
  }
}

export function readFoundRefund(refund: Stripe.Refund, call: ProviderCall): FoundRefund {
  return { report: readRefund(refund, call), refundId: refund.metadata?.['refund_id'] };
}

/** A failed submission: only a refusal of the request itself means that no money went back. */
export function readRefundError(error: unknown, call: ProviderCall): RefundReport {
  const read = readSubmitError(error, call);
  return read.status === 'failed' ? { call, status: 'failed', failure: read.failure } : read;
}

function failureOf({ failure_reason: reason }: Stripe.Refund): PaymentFailure {
  const code = reason ?? 'unknown';
  return { kind: 'request', code, message: `The refund came back: ${code}.` };
}
