import type { Intent, LastError, Refusal } from '../../core/records.js';
import type { JsonObject } from '../../core/json.js';
import { testCard } from '../cards.js';
import { docUrl } from '../failures.js';
import { paymentMethodView } from './payment-method.view.js';

export function intentView(intent: Intent, baseUrl: string): JsonObject {
  return {
    id: intent.id,
    object: 'payment_intent',
    allowed_payment_method_types: intent.allowed,
    amount: intent.amount,
    amount_capturable: intent.capturable,
    amount_details: { tip: {} },
    amount_received: intent.received,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: intent.automatic ? { allow_redirects: intent.automatic.redirects, enabled: true } : null,
    canceled_at: intent.canceledAt,
    cancellation_reason: intent.cancellationReason,
    capture_method: intent.captureMethod,
    client_secret: intent.secret,
    confirmation_method: intent.confirmationMethod,
    created: intent.created,
    currency: intent.currency,
    customer: intent.customer,
    customer_account: null,
    description: intent.description,
    excluded_payment_method_types: intent.excluded,
    last_payment_error: intent.lastError ? lastErrorView(intent.lastError, intent.created) : null,
    latest_charge: intent.charge,
    livemode: false,
    managed_payments: { enabled: false },
    metadata: intent.metadata,
    next_action: intent.status === 'requires_action' ? nextActionView(intent, baseUrl) : null,
    ...restView(intent),
  };
}

function restView(intent: Intent): JsonObject {
  return {
    on_behalf_of: null,
    payment_method: intent.paymentMethod,
    payment_method_configuration_details: null,
    payment_method_options: methodOptions(intent.types),
    payment_method_types: intent.types,
    processing: null,
    receipt_email: intent.receiptEmail,
    review: null,
    setup_future_usage: intent.setupFutureUsage,
    shipping: intent.shipping,
    source: null,
    statement_descriptor: intent.statementDescriptor,
    statement_descriptor_suffix: intent.statementSuffix,
    status: intent.status,
    transfer_data: null,
    transfer_group: intent.transferGroup,
  };
}

function methodOptions(types: string[]): JsonObject {
  const card = { installments: null, mandate_options: null, network: null, request_three_d_secure: 'automatic' };
  return types.includes('card') ? { card } : {};
}

/** Without an address to come back to, Stripe leaves the redirect to Stripe.js. */
function nextActionView(intent: Intent, baseUrl: string): JsonObject {
  const url = `${baseUrl}/_sandbox/authenticate/${intent.id}`;
  if (intent.returnUrl !== null) {
    return { redirect_to_url: { return_url: intent.returnUrl, url }, type: 'redirect_to_url' };
  }
  return { type: 'use_stripe_sdk', use_stripe_sdk: { type: 'three_d_secure_redirect', stripe_js: url } };
}

export function refusalView(refusal: Refusal): JsonObject {
  return {
    code: refusal.code,
    ...(refusal.declineCode === undefined ? {} : { decline_code: refusal.declineCode }),
    doc_url: docUrl(refusal.code),
    message: refusal.message,
    ...(refusal.param === undefined ? {} : { param: refusal.param }),
    type: refusal.type,
  };
}

function lastErrorView(error: LastError, created: number): JsonObject {
  const card = testCard(error.card);
  return {
    ...refusalView(error),
    ...(error.charge === null ? {} : { charge: error.charge }),
    ...(card ? { payment_method: paymentMethodView({ id: error.paymentMethod, created, card }) } : {}),
  };
}

/** The body of a 402: the refusal, and the intent as it is now. */
export function declineView(intent: Intent, baseUrl: string): JsonObject {
  const error = intent.lastError ? lastErrorView(intent.lastError, intent.created) : {};
  return { ...error, payment_intent: intentView(intent, baseUrl) };
}
