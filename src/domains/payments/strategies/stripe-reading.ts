import Stripe from 'stripe';
import type { Money } from '../../../shared/money.js';
import { memberOf } from '../../../shared/unknown.js';
import type { NextAction, PaymentFailure } from '../payment.entity.js';
import type { ProviderCall, ProviderReport } from '../provider-report.js';
import { fromStripeAmount, NotChargeable } from './stripe-amounts.js';

type PaymentIntent = Stripe.PaymentIntent;
type Undecided = Extract<ProviderReport, { status: 'unknown' }>;
type Refused = Extract<ProviderReport, { status: 'failed' }>;

/**
 * Stripe's words in ours (https://docs.stripe.com/payments/paymentintents/lifecycle). `processing` decides nothing yet;
 * `requires_payment_method` is a refusal only when Stripe says what went wrong, else the customer has not tried.
 */
export function readIntent(intent: PaymentIntent, call: ProviderCall): ProviderReport {
  const money = moneyOf(intent);
  if (!money) return undecided(call, transport('amount-unreadable'), 'stripe-amount-unreadable');
  const { amount, currency } = money;
  const object = { providerPaymentId: intent.id, chargeId: idOf(intent.latest_charge), amount, currency };
  switch (intent.status) {
    case 'succeeded':
      return { call, status: 'succeeded', ...object };
    case 'requires_capture':
      return { call, status: 'authorized', ...object };
    case 'canceled':
      return { call, status: 'cancelled', ...object };
    case 'requires_action':
    case 'requires_confirmation':
      return { call, status: 'requires_action', nextAction: nextActionOf(intent), ...object };
    case 'requires_payment_method':
      if (!intent.last_payment_error) {
        return { call, status: 'requires_action', nextAction: nextActionOf(intent), ...object };
      }
      return { call, status: 'failed', failure: failureOf(intent.last_payment_error), ...object };
    case 'processing':
      return { call, status: 'unknown', reason: transport('processing'), providerPaymentId: intent.id };
    default:
      return undecided(call, transport(`status-${String(intent.status)}`), 'stripe-unknown-status');
  }
}

/**
 * A failed *submission*. Only a card error, or a refusal of the request itself, means that nothing was charged;
 * everything else may have happened (https://docs.stripe.com/error-low-level).
 */
export function readSubmitError(error: unknown, call: ProviderCall): Undecided | Refused {
  const { StripeCardError, StripeIdempotencyError, StripeInvalidRequestError } = Stripe.errors;
  if (error instanceof NotChargeable) {
    return { call, status: 'failed', failure: { kind: 'request', code: error.code, message: error.message } };
  }
  if (error instanceof StripeCardError) {
    const intent = error.payment_intent;
    const object = intent ? { providerPaymentId: intent.id, chargeId: idOf(intent.latest_charge) } : {};
    return { call, status: 'failed', failure: failureOf(error), ...object };
  }
  // A 400 as well, but it means that this key carried another request: what that one did is not known.
  if (error instanceof StripeIdempotencyError) return undecided(call, failureOf(error), 'stripe-idempotency-error');
  if (error instanceof StripeInvalidRequestError && error.statusCode !== 409 && error.statusCode !== 429) {
    return { call, status: 'failed', failure: { ...failureOf(error), kind: 'request' } };
  }
  return readQuestionError(error, call);
}

/** A failed *question* never decides anything; a refused key or permission is for an operator as well. */
export function readQuestionError(error: unknown, call: ProviderCall): Undecided {
  const { StripeAuthenticationError, StripePermissionError, StripeInvalidRequestError } = Stripe.errors;
  const reason = failureOf(error);
  if (error instanceof StripeAuthenticationError) return undecided(call, reason, 'stripe-key-refused');
  if (error instanceof StripePermissionError) return undecided(call, reason, 'stripe-permission-refused');
  if (error instanceof StripeInvalidRequestError) return undecided(call, reason, 'stripe-question-refused');
  return undecided(call, reason);
}

/** What was captured, or asked for; null when it is no amount of ours. */
function moneyOf(intent: PaymentIntent): Money | null {
  try {
    return fromStripeAmount(intent.status === 'succeeded' ? intent.amount_received : intent.amount, intent.currency);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function undecided(call: ProviderCall, reason: PaymentFailure, alarm?: string): Undecided {
  return { call, status: 'unknown', reason, ...(alarm ? { alarm } : {}) };
}

function nextActionOf(intent: PaymentIntent): NextAction {
  const clientSecret = intent.client_secret ?? '';
  const url = intent.next_action?.redirect_to_url?.url;
  return url ? { type: 'redirect', url, clientSecret } : { type: 'confirm', clientSecret };
}

/** What may be kept of an error: codes and Stripe's sentence, never the raw object with its headers. */
export function failureOf(error: unknown): PaymentFailure {
  if (typeof error !== 'object' || error === null) return transport('no-answer');
  const { code, decline_code: declineCode, message } = error as Record<string, unknown>;
  const isCard = error instanceof Stripe.errors.StripeCardError || memberOf(error, 'type') === 'card_error';
  return {
    kind: isCard ? 'card' : 'transport',
    code: typeof code === 'string' ? code : 'no-answer',
    // The SDK writes '' where Stripe sent none.
    ...(typeof declineCode === 'string' && declineCode !== '' ? { declineCode } : {}),
    message: typeof message === 'string' ? message.slice(0, 500) : 'no message',
  };
}

function transport(code: string): PaymentFailure {
  return { kind: 'transport', code, message: `Stripe answered "${code}".` };
}

export function idOf(reference: string | { id: string } | null | undefined): string | null {
  return typeof reference === 'object' ? (reference?.id ?? null) : (reference ?? null);
}
