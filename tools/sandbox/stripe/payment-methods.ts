import { type Form, isForm } from '../core/form.js';
import { newId } from '../core/random.js';
import type { Intent } from '../core/records.js';
import type { Call } from './call.js';
import { type TestCard, testCard } from './cards.js';
import { noSuchParameter, refusedParameter } from './failures.js';
import { address, text, words } from './parameters.js';

const GONE = 'payment_method_types_no_longer_supported';

/** https://docs.stripe.com/changelog/endive/2026-09-30/removes-the-payment-method-types-parameter-from-payment-intents-and-setup-intents */
export function refuseNamedTypes(form: Form): void {
  if (form['payment_method_types'] === undefined) return;
  const message =
    'The parameter `payment_method_types` is no longer supported. Use dynamic payment methods, or ' +
    '`allowed_payment_method_types` to narrow them down.';
  throw refusedParameter('payment_method_types', GONE, message);
}

type Offer = Pick<Intent, 'automatic' | 'allowed' | 'excluded' | 'types'>;

/** What the customer may pay with: all the account has, less what is excluded, or of what is allowed the part it has. */
export function offered(form: Form, currency: string): Offer {
  const has = currency === 'usd' ? ['card', 'us_bank_account'] : ['card'];
  const given = form['automatic_payment_methods'];
  const excluded =
    form['excluded_payment_method_types'] === undefined ? null : words(form, 'excluded_payment_method_types');
  if (form['allowed_payment_method_types'] === undefined) {
    const redirects = isForm(given) && given['allow_redirects'] === 'never' ? 'never' : 'always';
    const types = has.filter((type) => !excluded?.includes(type));
    return { automatic: { redirects }, allowed: null, excluded, types };
  }
  for (const other of ['automatic_payment_methods', 'excluded_payment_method_types', 'payment_method_configuration']) {
    if (form[other] === undefined) continue;
    const message = `You may only specify one of these parameters: allowed_payment_method_types, ${other}.`;
    throw refusedParameter('allowed_payment_method_types', 'parameters_exclusive', message);
  }
  const allowed = words(form, 'allowed_payment_method_types');
  return { automatic: null, allowed, excluded: null, types: has.filter((type) => allowed.includes(type)) };
}

/** Puts the payment method named in the form on the intent; each use of a test name gets an id of its own. */
export function withMethod(call: Call, intent: Intent): Intent {
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

/** Only what may redirect needs an address to come back to; naming what is allowed names cards, which need none. */
export function requireReturnUrl(intent: Intent): void {
  if (intent.automatic?.redirects !== 'always' || intent.returnUrl !== null) return;
  const message =
    'This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of these payment ' +
    "methods might redirect your customer off of your page, you must provide a `return_url`. If you don't want to accept " +
    'redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and ' +
    '`automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment Intents.';
  throw refusedParameter('return_url', null, message);
}
