import { createHash } from 'node:crypto';
import type { JsonObject } from '../../core/json.js';
import type { TestCard } from '../cards.js';

const EXPIRY_MONTH = 12;
const EXPIRY_YEAR = 2034;

const NOBODY: JsonObject = {
  address: { city: null, country: null, line1: null, line2: null, postal_code: null, state: null },
  email: null,
  name: null,
  phone: null,
  tax_id: null,
};

export interface PaymentMethod {
  id: string;
  created: number;
  card: TestCard;
}

export function nobody(): JsonObject {
  return NOBODY;
}

export function paymentMethodView({ id, created, card }: PaymentMethod): JsonObject {
  return {
    id,
    object: 'payment_method',
    allow_redisplay: 'unspecified',
    billing_details: NOBODY,
    ...(card.type === 'card' ? { card: cardView(card) } : { us_bank_account: bankView(card) }),
    created,
    customer: null,
    customer_account: null,
    livemode: false,
    metadata: {},
    type: card.type,
  };
}

function cardView(card: TestCard): JsonObject {
  return {
    brand: card.brand,
    checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: 'pass' },
    country: card.country,
    display_brand: card.brand,
    exp_month: EXPIRY_MONTH,
    exp_year: EXPIRY_YEAR,
    fingerprint: fingerprint(card),
    funding: card.funding,
    generated_from: null,
    last4: card.last4,
    networks: { available: [card.brand], preferred: null },
    regulated_status: 'unregulated',
    three_d_secure_usage: { supported: true },
    wallet: null,
  };
}

function accountView(card: TestCard): JsonObject {
  return {
    account_holder_type: 'individual',
    account_type: card.funding,
    bank_name: card.brand,
    fingerprint: fingerprint(card),
    last4: card.last4,
    routing_number: '110000000',
  };
}

function bankView(card: TestCard): JsonObject {
  const networks = { preferred: 'ach', supported: ['ach'] };
  return { ...accountView(card), financial_connections_account: null, networks, status_details: {} };
}

export interface Authorization {
  card: TestCard;
  amount: number;
  isAuthenticated: boolean;
  captureBefore: number | null;
}

/** The part of a charge that tells what was paid with. */
export function paymentDetailsView(paid: Authorization): JsonObject {
  const { card } = paid;
  if (card.type === 'us_bank_account') {
    const account = { ...accountView(card), payment_reference: null };
    return { type: card.type, us_bank_account: account };
  }
  return {
    card: {
      amount_authorized: paid.amount,
      authorization_code: null,
      brand: card.brand,
      ...(paid.captureBefore === null ? {} : { capture_before: paid.captureBefore }),
      checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: 'pass' },
      country: card.country,
      exp_month: EXPIRY_MONTH,
      exp_year: EXPIRY_YEAR,
      extended_authorization: { status: 'disabled' },
      fingerprint: fingerprint(card),
      funding: card.funding,
      incremental_authorization: { status: 'unavailable' },
      installments: null,
      last4: card.last4,
      mandate: null,
      multicapture: { status: 'unavailable' },
      network: card.brand,
      network_token: { used: false },
      network_transaction_id: null,
      overcapture: { maximum_amount_capturable: paid.amount, status: 'unavailable' },
      regulated_status: 'unregulated',
      three_d_secure: paid.isAuthenticated ? AUTHENTICATED : null,
      transaction_link_id: null,
      wallet: null,
    },
    type: 'card',
  };
}

const AUTHENTICATED: JsonObject = {
  authentication_flow: 'challenge',
  electronic_commerce_indicator: '05',
  exemption_indicator: null,
  result: 'authenticated',
  result_reason: null,
  transaction_id: null,
  version: '2.2.0',
};

const fingerprints = new Map<string, string>();

function fingerprint(card: TestCard): string {
  const name = `${card.brand}-${card.last4}`;
  const known = fingerprints.get(name) ?? createHash('sha256').update(name).digest('hex').slice(0, 16);
  fingerprints.set(name, known);
  return known;
}
