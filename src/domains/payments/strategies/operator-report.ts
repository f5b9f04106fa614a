import type { NextAction, Payment } from '../payment.entity.js';
import type { ProviderCall, ProviderReport } from '../provider-report.js';
import type { Refund } from '../refunds/refund.entity.js';
import type { RefundReport } from '../refunds/refund-report.js';

/** What an operator, not a provider, says about a payment. Amount and currency are the row's own. */
function object({ amount, currency, providerPaymentId }: Payment) {
  return { providerPaymentId, chargeId: null, amount, currency };
}

export function awaitingConfirmation(payment: Payment, nextAction: NextAction | null): ProviderReport {
  return { call: callOf('await', null), status: 'awaiting_confirmation', nextAction, ...object(payment) };
}

export function cancelledByUs(payment: Payment): ProviderReport {
  return { call: callOf('cancel', null), status: 'cancelled', ...object(payment) };
}

/** The money is here; `reference` is the bank's or the courier's, and can confirm one payment only. */
export function received(payment: Payment, reference: string): ProviderReport {
  const providerPaymentId = `${payment.provider}:${reference}`;
  return { call: callOf('confirm', reference), status: 'succeeded', ...object(payment), providerPaymentId };
}

/** Support has given the money back, by transfer or in cash. */
export function returned({ amount, currency }: Refund, { providerPaymentId }: Payment): RefundReport {
  const object = { providerRefundId: null, providerPaymentId, amount, currency };
  return { call: callOf('refund', null), status: 'succeeded', ...object };
}

function callOf(op: string, key: string | null): ProviderCall {
  const now = new Date();
  return { op, key, startedAt: now, endedAt: now, requestId: null };
}
