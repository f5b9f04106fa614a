import type { JsonObject } from '../core/json.js';
import { newId } from '../core/random.js';
import type { Intent } from '../core/records.js';
import { checkAmount, readCurrency } from './amounts.js';
import type { Call } from './call.js';
import { cancel, capture } from './captures.js';
import { type TestCard, testCard } from './cards.js';
import { emitIntent } from './events.js';
import { StripeFailure, impossible, noSuch, noSuchParameter, refusedParameter, unexpectedState } from './failures.js';
import { CANCEL, CAPTURE, CONFIRM, CREATE, UPDATE, shipping } from './intent-rules.js';
import { declineView, intentView } from './views/intent.view.js';
import { address, changedMetadata, check, flag, positive, required, text, words } from './parameters.js';
import { type Payable, isPayable, noteIntent, pay } from './payments.js';
import { isForm } from '../core/form.js';

export function createIntent(call: Call): JsonObject | StripeFailure {
  const { form, unit } = call;
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
  const automatic = automaticMethods(call);
  const intent: Intent = {
    id,
    created: call.world.clock.seconds,
    amount,
    currency,
    status: 'requires_payment_method',
    captureMethod: text(form, 'capture_method') ?? 'automatic_async',
    confirmationMethod: text(form, 'confirmation_method') ?? 'automatic',
    automatic,
    types: automatic ? ['card', 'us_bank_account'] : words(form, 'payment_method_types'),
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

/** Since 2023-08-16 an intent that names no methods takes those of the account's settings. */
function automaticMethods(call: Call): Intent['automatic'] {
  const given = call.form['automatic_payment_methods'];
  const isNamed = call.form['payment_method_types'] !== undefined;
  if (isForm(given) && given['enabled'] === 'true') {
    if (isNamed) {
      const message = 'You may only specify one of these parameters: automatic_payment_methods, payment_method_types.';
      throw refusedParameter('payment_method_types', null, message);
    }
    return { redirects: given['allow_redirects'] === 'never' ? 'never' : 'always' };
  }
  return isNamed ? null : { redirects: 'always' };
}

/** Puts the payment method named in the form on the intent; each use of a test name gets an id of its own. */
function withMethod(call: Call, intent: Intent): Intent {
  const returnUrl = address(call.form, 'return_url') ?? intent.returnUrl;
  const name = text(call.form, 'payment_method');
  if (name === null || name === intent.paymentMethod) return { ...intent, returnUrl };
  const card = testCard(name);
  if (!card) throw noSuchParameter('PaymentMethod', name, 'payment_method');
  refuseOtherType(intent, card);
  return { ...intent, returnUrl, card: name, paymentMethod: newId('pm_1'), status: 'requires_confirmation' };
}

function refuseOtherType(intent: Intent, card: TestCard): void {
  if (intent.types.includes(card.type)) return;
  const message =
    `The PaymentMethod provided (${card.type}) is not allowed for this PaymentIntent. Please attach a PaymentMethod of ` +
    `one of the following types: ${intent.types.join(', ')}. Alternatively update the allowed payment_method_types for ` +
    `this PaymentIntent to include "${card.type}".`;
  throw refusedParameter('payment_method', null, message);
}

function requireReturnUrl(intent: Intent): void {
  if (intent.automatic?.redirects !== 'always' || intent.returnUrl !== null) return;
  const message =
    'This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of these payment ' +
    "methods might redirect your customer off of your page, you must provide a `return_url`. If you don't want to accept " +
    'redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and ' +
    '`automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment Intents.';
  throw refusedParameter('return_url', null, message);
}

export function confirmIntent(call: Call): JsonObject | StripeFailure {
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
