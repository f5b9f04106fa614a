import type { Refusal } from '../core/records.js';

/** What happens by itself after a payment with this card succeeded. */
export type Aftermath = 'dispute' | 'dispute_not_received' | 'inquiry' | 'refund_fails' | 'refund_pending';

export type Behaviour =
  | { on: 'succeed'; then?: Aftermath }
  | { on: 'decline'; refusal: Refusal; isBlocked?: true }
  | { on: 'authenticate'; refusal: Refusal | null }
  | { on: 'process'; refusal: Refusal | null };

export interface TestCard {
  type: 'card' | 'us_bank_account';
  brand: string;
  last4: string;
  funding: string;
  country: string;
  behaviour: Behaviour;
}

function declined(declineCode: string, message = 'Your card was declined.'): Refusal {
  return { type: 'card_error', code: 'card_declined', declineCode, message };
}

const GENERIC = declined('generic_decline');
const NO_FUNDS = declined('insufficient_funds', 'Your card has insufficient funds.');
const LOST = declined('lost_card');
const STOLEN = declined('stolen_card');
const FRAUDULENT = declined('fraudulent');
const VELOCITY = declined(
  'card_velocity_exceeded',
  'Your card was declined for making repeated attempts too frequently or exceeding its amount limit.',
);
const EXPIRED: Refusal = {
  type: 'card_error',
  code: 'expired_card',
  message: 'Your card has expired.',
  param: 'exp_month',
};
const CVC: Refusal = {
  type: 'card_error',
  code: 'incorrect_cvc',
  message: "Your card's security code is incorrect.",
  param: 'cvc',
};
const PROCESSING: Refusal = {
  type: 'card_error',
  code: 'processing_error',
  message: 'An error occurred while processing your card. Try again in a little bit.',
};
const BANK_REFUSED: Refusal = {
  type: 'card_error',
  code: 'payment_intent_payment_attempt_failed',
  declineCode: 'insufficient_funds',
  message: 'The customer’s account has insufficient funds to cover this payment.',
};

export const AUTHENTICATION_FAILED: Refusal = {
  type: 'invalid_request_error',
  code: 'payment_intent_authentication_failure',
  message:
    'The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new PaymentMethod ' +
    'to attempt to fulfill this PaymentIntent again.',
};

export const AUTHENTICATION_REQUIRED: Refusal = {
  type: 'card_error',
  code: 'authentication_required',
  declineCode: 'authentication_required',
  message:
    'Your card was declined. This transaction requires authentication. Please check your card details and try again.',
};

const OK: Behaviour = { on: 'succeed' };

function card(last4: string, behaviour: Behaviour, kind: Partial<TestCard> = {}): TestCard {
  return { type: 'card', brand: 'visa', funding: 'credit', country: 'US', ...kind, last4, behaviour };
}

const decline = (last4: string, refusal: Refusal): TestCard => card(last4, { on: 'decline', refusal });
const blocked = (last4: string): TestCard => card(last4, { on: 'decline', refusal: FRAUDULENT, isBlocked: true });
const authenticate = (last4: string, refusal: Refusal | null = null): TestCard =>
  card(last4, { on: 'authenticate', refusal });
const bank = (last4: string, refusal: Refusal | null): TestCard =>
  card(last4, { on: 'process', refusal }, { type: 'us_bank_account', brand: 'STRIPE TEST BANK', funding: 'checking' });

/** Published at https://docs.stripe.com/testing; what each one does is Stripe's decision, not ours. */
const CARDS: Record<string, TestCard> = {
  pm_card_visa: card('4242', OK),
  pm_card_visa_debit: card('5556', OK, { funding: 'debit' }),
  pm_card_mastercard: card('4444', OK, { brand: 'mastercard' }),
  pm_card_mastercard_debit: card('8210', OK, { brand: 'mastercard', funding: 'debit' }),
  pm_card_mastercard_prepaid: card('5100', OK, { brand: 'mastercard', funding: 'prepaid' }),
  pm_card_amex: card('0005', OK, { brand: 'amex' }),
  pm_card_discover: card('1117', OK, { brand: 'discover' }),
  pm_card_diners: card('0004', OK, { brand: 'diners' }),
  pm_card_jcb: card('0505', OK, { brand: 'jcb', country: 'JP' }),
  pm_card_unionpay: card('0005', OK, { brand: 'unionpay', country: 'CN' }),
  pm_card_amex_threeDSecureNotSupported: card('0005', OK, { brand: 'amex' }),
  pm_card_threeDSecureOptional: card('3055', OK),
  pm_card_threeDSecureOptionalProcessingError: card('3097', OK),
  pm_card_bypassPending: card('0077', OK),
  pm_card_bypassPendingInternational: card('3720', OK),
  pm_card_domesticPricing: card('0093', OK),
  pm_card_avsFail: card('0010', OK),
  pm_card_avsLine1Fail: card('0028', OK),
  pm_card_avsZipFail: card('0036', OK),
  pm_card_avsUnchecked: card('0044', OK),
  pm_card_cvcCheckFail: card('0101', OK),
  pm_card_riskLevelElevated: card('9235', OK),

  pm_card_chargeDeclined: decline('0002', GENERIC),
  pm_card_chargeCustomerFail: decline('0341', GENERIC),
  pm_card_chargeDeclinedInsufficientFunds: decline('9995', NO_FUNDS),
  pm_card_chargeDeclinedLostCard: decline('9987', LOST),
  pm_card_chargeDeclinedStolenCard: decline('9979', STOLEN),
  pm_card_chargeDeclinedFraudulent: decline('0019', FRAUDULENT),
  pm_card_chargeDeclinedExpiredCard: decline('0069', EXPIRED),
  pm_card_chargeDeclinedIncorrectCvc: decline('0127', CVC),
  pm_card_chargeDeclinedProcessingError: decline('0119', PROCESSING),
  pm_card_chargeDeclinedVelocityLimitExceeded: decline('6975', VELOCITY),
  pm_card_radarBlock: blocked('0019'),
  pm_card_riskLevelHighest: blocked('4954'),

  pm_card_authenticationRequired: authenticate('3184'),
  pm_card_authenticationRequiredOnSetup: authenticate('3155'),
  pm_card_authenticationRequiredSetupForOffSession: authenticate('0446'),
  pm_card_authenticationRequiredChargeDeclinedInsufficientFunds: authenticate('3178', NO_FUNDS),
  pm_card_threeDSecureRequired: authenticate('3063'),
  pm_card_threeDSecure2Required: authenticate('3220'),
  pm_card_threeDSecureRequiredChargeDeclined: authenticate('1629', GENERIC),
  pm_card_threeDSecureRequiredProcessingError: decline('1280', GENERIC),

  pm_card_createDispute: card('0259', { on: 'succeed', then: 'dispute' }),
  pm_card_createDisputeProductNotReceived: card('2685', { on: 'succeed', then: 'dispute_not_received' }),
  pm_card_createDisputeInquiry: card('1976', { on: 'succeed', then: 'inquiry' }),
  pm_card_pendingRefund: card('7726', { on: 'succeed', then: 'refund_pending' }),
  pm_card_refundFail: card('5126', { on: 'succeed', then: 'refund_fails' }),

  pm_usBankAccount_success: bank('6789', null),
  pm_usBankAccount_insufficientFunds: bank('2227', BANK_REFUSED),
};

const DECLINED_VISA = /^pm_card_visa_(chargeDeclined\w*)$/;
const COUNTRY = /^pm_card_([a-z]{2})(_debit|_mastercard|_prepaid)?$/;

/** `null` for a name the provider has not published. Declines answer to their names with and without the `visa_`. */
export function testCard(name: string): TestCard | null {
  const plain = name.replace(DECLINED_VISA, 'pm_card_$1');
  const known = Object.hasOwn(CARDS, plain) ? CARDS[plain] : undefined;
  if (known) return known;
  const country = COUNTRY.exec(name)?.[1];
  return country === undefined ? null : card('4242', OK, { country: country.toUpperCase() });
}
