import type { JsonObject } from '../core/json.js';
import { type Form, type FormValue, isForm } from '../core/form.js';
import type { Rules } from './parameters.js';

/** The parameters of Stripe's own OpenAPI document. What the sandbox does not act on, it takes and leaves. */
const SHARED: Rules = {
  allowed_payment_method_types: 'list',
  amount_details: 'any',
  excluded_payment_method_types: 'list',
  expand: 'list',
  hooks: 'any',
  payment_details: 'any',
  payment_method: 'string',
  payment_method_data: 'any',
  payment_method_options: 'any',
  receipt_email: 'string',
  setup_future_usage: ['off_session', 'on_session'],
  shipping: 'object',
};

const CAPTURE_METHODS = ['automatic', 'automatic_async', 'manual'] as const;

const CONFIRMING: Rules = {
  capture_method: CAPTURE_METHODS,
  confirmation_token: 'string',
  error_on_requires_action: 'boolean',
  mandate: 'string',
  mandate_data: 'any',
  off_session: 'any',
  radar_options: 'any',
  return_url: 'string',
  use_stripe_sdk: 'boolean',
};

const DESCRIBING: Rules = {
  amount: 'integer',
  application_fee_amount: 'integer',
  capture_method: CAPTURE_METHODS,
  currency: 'string',
  customer: 'string',
  customer_account: 'string',
  description: 'string',
  metadata: 'metadata',
  payment_method_configuration: 'string',
  statement_descriptor: 'string',
  statement_descriptor_suffix: 'string',
  transfer_data: 'object',
  transfer_group: 'string',
};

export const CREATE: Rules = {
  ...SHARED,
  ...CONFIRMING,
  ...DESCRIBING,
  automatic_payment_methods: 'object',
  confirm: 'boolean',
  confirmation_method: ['automatic', 'manual'],
  on_behalf_of: 'string',
};

export const UPDATE: Rules = { ...SHARED, ...DESCRIBING };

export const CONFIRM: Rules = { ...SHARED, ...CONFIRMING, amount_to_confirm: 'integer', client_secret: 'string' };

export const CAPTURE: Rules = {
  amount_details: 'any',
  amount_to_capture: 'integer',
  application_fee_amount: 'integer',
  expand: 'list',
  final_capture: 'boolean',
  hooks: 'any',
  metadata: 'metadata',
  payment_details: 'any',
  statement_descriptor: 'string',
  statement_descriptor_suffix: 'string',
  transfer_data: 'object',
};

export const CANCEL: Rules = {
  cancellation_reason: ['abandoned', 'duplicate', 'fraudulent', 'requested_by_customer'],
  expand: 'list',
};

export function shipping(form: Form): JsonObject | null {
  const given = form['shipping'];
  if (!isForm(given)) return null;
  const address = isForm(given['address']) ? given['address'] : {};
  const word = (value: FormValue | undefined) => (typeof value === 'string' ? value : null);
  const lines = ['city', 'country', 'line1', 'line2', 'postal_code', 'state'];
  return {
    address: Object.fromEntries(lines.map((line) => [line, word(address[line])])),
    carrier: word(given['carrier']),
    name: word(given['name']),
    phone: word(given['phone']),
    tracking_number: word(given['tracking_number']),
  };
}
