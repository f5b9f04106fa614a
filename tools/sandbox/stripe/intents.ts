import type { JsonObject } from '../core/json.js';
import { newId } from '../core/random.js';
import type { Intent } from '../core/records.js';
import { checkAmount, readCurrency } from './amounts.js';
import type { Call } from './call.js';
import { cancel, capture } from './captures.js';
import { emitIntent } from './events.js';
import { StripeFailure, impossible, noSuch, refusedParameter, unexpectedState } from './failures.js';
import { CANCEL, CAPTURE, CONFIRM, CREATE, UPDATE, shipping } from './intent-rules.js';
import { declineView, intentView } from './views/intent.view.js';
import { changedMetadata, check, flag, positive, required, text } from './parameters.js';
import { offered, refuseNamedTypes, requireReturnUrl, withMethod } from './payment-methods.js';
import { type Payable, isPayable, noteIntent, pay } from './payments.js';

export function createIntent(call: Call): JsonObject | StripeFailure {
  const { form, unit } = call;
  refuseNamedTypes(form);
  check(form, CREATE);
  const intent = drafted(call);
  const isConfirmed = flag(form, 'confirm');
  if (isConfirmed) requireReturnUrl(intent);
  unit.put('intents', intent);
  emitIntent(call, 'created', intent);
  if (isConfirmed) return confirmed(call, intent);
  noteIntent(call, intent, 'none');
  return intentView(intent, call.world.baseUrl);
}

function drafted(call: Call): Intent {
  const { form } = call;
  const amount = required(form, 'amount') === '' ? 0 : (positive(form, 'amount') ?? 0);
  const currency = readCurrency(required(form, 'currency'));
  checkAmount(amount, currency);
  const id = newId('pi_3');
  const intent: Intent = {
    id,
    created: call.world.clock.seconds,
    amount,
    currency,
    status: 'requires_payment_method',
    captureMethod: text(form, 'capture_method') ?? 'automatic_async',
    confirmationMethod: text(form, 'confirmation_method') ?? 'automatic',
    ...offered(form, currency),
    card: null,
    paymentMethod: null,
    metadata: changedMetadata({}, form),
    description: text(form, 'description'),
    receiptEmail: text(form, 'receipt_email'),
    returnUrl: null,
    setupFutureUsage: text(form, 'setup_future_usage'),
    statementDescriptor: text(form, 'statement_descriptor'),
    statementSuffix: text(form, 'statement_descriptor_suffix'),
    transferGroup: text(form, 'transfer_group'),
    customer: text(form, 'customer'),
    shipping: shipping(form),
    received: 0,
    capturable: 0,
    charge: null,
    lastError: null,
    canceledAt: null,
    cancellationReason: null,
    secret: `${id}_${newId('secret_', 25)}`,
  };
  return withMethod(call, intent);
}

export function confirmIntent(call: Call): JsonObject | StripeFailure {
  refuseNamedTypes(call.form);
  check(call.form, CONFIRM);
  const intent = found(call);
  refuseUnless(call, intent, { verb: 'confirm', statuses: CONFIRMABLE });
  const ready = withMethod(call, intent);
  requireReturnUrl(ready);
  return confirmed(call, ready);
}

const CONFIRMABLE = ['requires_payment_method', 'requires_confirmation', 'requires_action'] as const;
const CAPTURABLE = ['requires_capture'] as const;
const CANCELABLE = [...CONFIRMABLE, 'requires_capture', 'processing'] as const;

function confirmed(call: Call, intent: Intent): JsonObject | StripeFailure {
  const { baseUrl } = call.world;
  if (!isPayable(intent)) {
    const message =
      "You cannot confirm this PaymentIntent because it's missing a payment method. Update the PaymentIntent with a " +
      'payment method and then confirm it again.';
    throw unexpectedState(message, intentView(intent, baseUrl));
  }
  const ready: Payable = intent;
  const paid = pay(call, ready, {
    isOffSession: call.form['off_session'] !== undefined && call.form['off_session'] !== 'false',
    failsOnAction: flag(call.form, 'error_on_requires_action'),
  });
  if (paid.status !== 'requires_payment_method') return intentView(paid, baseUrl);
  return new StripeFailure(402, declineView(paid, baseUrl), true);
}

export function captureIntent(call: Call): JsonObject {
  check(call.form, CAPTURE);
  const intent = found(call);
  refuseUnless(call, intent, { verb: 'capture', statuses: CAPTURABLE });
  const amount = positive(call.form, 'amount_to_capture') ?? intent.capturable;
  if (amount > intent.capturable) {
    const message =
      'The provided amount_to_capture cannot be greater than the capturable amount of the PaymentIntent ' +
      `(${intent.capturable}).`;
    throw impossible(message, 'amount_too_large', 'amount_to_capture');
  }
  const metadata = changedMetadata(intent.metadata, call.form);
  return intentView(capture(call, { ...intent, metadata }, amount), call.world.baseUrl);
}

export function cancelIntent(call: Call): JsonObject {
  check(call.form, CANCEL);
  const intent = found(call);
  refuseUnless(call, intent, { verb: 'cancel', statuses: CANCELABLE });
  return intentView(cancel(call, intent, text(call.form, 'cancellation_reason')), call.world.baseUrl);
}

export function updateIntent(call: Call): JsonObject {
  refuseNamedTypes(call.form);
  check(call.form, UPDATE);
  const intent = withMethod(call, found(call));
  const amount = positive(call.form, 'amount') ?? intent.amount;
  if (amount !== intent.amount) {
    refuseUnless(call, intent, { verb: 'update', statuses: CONFIRMABLE });
    checkAmount(amount, intent.currency);
  }
  const updated = call.unit.put('intents', {
    ...intent,
    amount,
    metadata: changedMetadata(intent.metadata, call.form),
    description: text(call.form, 'description') ?? intent.description,
    receiptEmail: text(call.form, 'receipt_email') ?? intent.receiptEmail,
  });
  noteIntent(call, updated, 'none');
  return intentView(updated, call.world.baseUrl);
}

export function retrieveIntent(call: Call): JsonObject {
  check(call.form, { client_secret: 'string', expand: 'list' });
  return intentView(found(call), call.world.baseUrl);
}

/** A publishable key sees an intent only with its client secret. */
function found(call: Call): Intent {
  const intent = call.unit.get('intents', call.id);
  const secret = text(call.form, 'client_secret');
  if (!intent || (call.isPublishable && secret === null)) throw noSuch('payment_intent', call.id, 'intent');
  if (secret === null || secret === intent.secret) return intent;
  const message = 'The client_secret provided does not match any associated PaymentIntent on this account.';
  throw refusedParameter('client_secret', 'payment_intent_invalid_parameter', message);
}

interface Allowed {
  verb: 'confirm' | 'capture' | 'cancel' | 'update';
  statuses: readonly Intent['status'][];
}

const PARTICIPLE = { confirm: 'confirmed', capture: 'captured', cancel: 'canceled', update: 'updated' } as const;

function refuseUnless(call: Call, intent: Intent, { verb, statuses }: Allowed): void {
  if (statuses.includes(intent.status)) return;
  const rule = `Only a PaymentIntent with one of the following statuses may be ${PARTICIPLE[verb]}: ${statuses.join(', ')}.`;
  const state = `it has a status of ${intent.status}. ${rule}`;
  const message: Record<Allowed['verb'], string> = {
    confirm:
      intent.status === 'succeeded'
        ? 'You cannot confirm this PaymentIntent because it has already succeeded after being previously confirmed.'
        : `You cannot confirm this PaymentIntent because ${state}`,
    capture:
      intent.status === 'succeeded'
        ? 'This PaymentIntent could not be captured because it has already been captured.'
        : `This PaymentIntent could not be captured because ${state}`,
    cancel: `You cannot cancel this PaymentIntent because ${state}`,
    update: `This PaymentIntent's amount could not be updated because ${state}`,
  };
  throw unexpectedState(message[verb], intentView(intent, call.world.baseUrl));
}
