import type { Charge, Dispute, Refund, Transaction } from '../../core/records.js';
import type { JsonObject } from '../../core/json.js';
import { type TestCard, testCard } from '../cards.js';
import { nobody, paymentDetailsView } from './payment-method.view.js';

/** How long an authorisation holds; then the provider lets it lapse. */
export const AUTHORIZATION_SECONDS = 7 * 24 * 3600;

const UNKNOWN_CARD = testCard('pm_card_visa');

export function cardOf(name: string): TestCard {
  const card = testCard(name) ?? UNKNOWN_CARD;
  if (!card) throw new Error(`No test card is called ${name}`);
  return card;
}

export function chargeView(charge: Charge, baseUrl: string): JsonObject {
  const card = cardOf(charge.card);
  const isHeld = charge.status === 'succeeded' && !charge.captured;
  return {
    id: charge.id,
    object: 'charge',
    amount: charge.amount,
    amount_captured: charge.amountCaptured,
    amount_refunded: charge.amountRefunded,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: charge.transaction,
    billing_details: nobody(),
    calculated_statement_descriptor: 'PURSER',
    captured: charge.captured,
    created: charge.created,
    currency: charge.currency,
    customer: charge.customer,
    description: charge.description,
    disputed: charge.dispute !== null,
    failure_balance_transaction: null,
    failure_code: charge.refusal?.code ?? null,
    failure_message: charge.refusal?.message ?? null,
    fraud_details: {},
    livemode: false,
    metadata: charge.metadata,
    on_behalf_of: null,
    payment_intent: charge.intent,
    payment_method: charge.paymentMethod,
    payment_method_details: paymentDetailsView({
      card,
      amount: charge.amount,
      isAuthenticated: card.behaviour.on === 'authenticate',
      captureBefore: isHeld ? charge.created + AUTHORIZATION_SECONDS : null,
    }),
    ...receiptView(charge, baseUrl),
  };
}

function receiptView(charge: Charge, baseUrl: string): JsonObject {
  return {
    outcome: outcomeView(charge, cardOf(charge.card)),
    paid: charge.status === 'succeeded',
    radar_options: {},
    receipt_email: charge.receiptEmail,
    receipt_number: null,
    receipt_url: charge.status === 'failed' ? null : `${baseUrl}/_sandbox/receipts/${charge.id}`,
    refunds: null,
    refunded: charge.amountRefunded > 0 && charge.amountRefunded >= (charge.amountCaptured || charge.amount),
    review: null,
    shipping: charge.shipping,
    source: null,
    source_transfer: null,
    statement_descriptor: null,
    statement_descriptor_suffix: charge.statementSuffix,
    status: charge.status,
    transfer_data: null,
    transfer_group: charge.transferGroup,
  };
}

function outcomeView(charge: Charge, card: TestCard): JsonObject {
  const { refusal } = charge;
  const isBlocked = card.behaviour.on === 'decline' && card.behaviour.isBlocked === true;
  const risk = { risk_level: isBlocked ? 'highest' : 'normal', risk_score: isBlocked ? 92 : 24 };
  const network = { advice_code: null, network_advice_code: null, network_decline_code: refusal ? '01' : null };
  if (!refusal) {
    const message = 'Payment complete.';
    const type = 'authorized';
    return { ...network, ...risk, network_status: 'approved_by_network', reason: null, seller_message: message, type };
  }
  return {
    ...network,
    ...risk,
    network_status: isBlocked ? 'not_sent_to_network' : 'declined_by_network',
    reason: refusal.declineCode ?? refusal.code,
    seller_message: isBlocked ? 'Stripe blocked this payment as too risky.' : 'The bank declined the payment.',
    type: isBlocked ? 'blocked' : 'issuer_declined',
  };
}

export function refundView(refund: Refund): JsonObject {
  return {
    id: refund.id,
    object: 'refund',
    amount: refund.amount,
    balance_transaction: refund.transaction,
    charge: refund.charge,
    created: refund.created,
    currency: refund.currency,
    customer: null,
    customer_account: null,
    destination_details: {
      card: { reference_status: 'pending', reference_type: 'acquirer_reference_number', type: 'refund' },
      type: 'card',
    },
    ...(refund.failureTransaction === null ? {} : { failure_balance_transaction: refund.failureTransaction }),
    ...(refund.failureReason === null ? {} : { failure_reason: refund.failureReason }),
    metadata: refund.metadata,
    payment_intent: refund.intent,
    payment_method: refund.paymentMethod,
    ...(refund.status === 'pending' ? { pending_reason: 'processing' } : {}),
    reason: refund.reason,
    receipt_number: null,
    source_transfer_reversal: null,
    status: refund.status,
    transfer_reversal: null,
  };
}

const EVIDENCE_SECONDS = 9 * 24 * 3600;
const NO_EVIDENCE: JsonObject = Object.fromEntries(
  [
    'access_activity_log billing_address cancellation_policy cancellation_policy_disclosure cancellation_rebuttal',
    'customer_communication customer_email_address customer_name customer_purchase_ip customer_signature',
    'duplicate_charge_documentation duplicate_charge_explanation duplicate_charge_id product_description receipt',
    'refund_policy refund_policy_disclosure refund_refusal_explanation service_date service_documentation',
    'shipping_address shipping_carrier shipping_date shipping_documentation shipping_tracking_number',
    'uncategorized_file uncategorized_text',
  ]
    .join(' ')
    .split(' ')
    .map((name) => [name, null]),
);

export function disputeView(dispute: Dispute, transactions: Transaction[]): JsonObject {
  const isInquiry = dispute.status.startsWith('warning');
  const { brand } = cardOf(dispute.card);
  return {
    id: dispute.id,
    object: 'dispute',
    amount: dispute.amount,
    balance_transactions: transactions.map(transactionView),
    charge: dispute.charge,
    created: dispute.created,
    currency: dispute.currency,
    enhanced_eligibility_types: [],
    evidence: { ...NO_EVIDENCE, enhanced_evidence: {}, uncategorized_text: dispute.evidence },
    evidence_details: {
      due_by: dispute.created + EVIDENCE_SECONDS,
      enhanced_eligibility: {},
      has_evidence: dispute.evidence !== null,
      past_due: false,
      submission_count: dispute.evidence === null ? 0 : 1,
    },
    is_charge_refundable: isInquiry,
    livemode: false,
    metadata: dispute.metadata,
    payment_intent: dispute.intent,
    payment_method_details: {
      card: { brand, case_type: isInquiry ? 'inquiry' : 'chargeback', network: brand, network_reason_code: '10.4' },
      type: 'card',
    },
    reason: dispute.reason,
    status: dispute.status,
  };
}

export function transactionView(transaction: Transaction): JsonObject {
  const { amount, fee, currency } = transaction;
  const description = transaction.type === 'charge' ? 'Stripe processing fees' : 'Dispute fee';
  const details = [{ amount: fee, application: null, currency, description, type: 'stripe_fee' }];
  return {
    id: transaction.id,
    object: 'balance_transaction',
    amount,
    available_on: transaction.created,
    balance_type: 'payments',
    created: transaction.created,
    currency,
    description: null,
    exchange_rate: null,
    fee,
    fee_details: fee === 0 ? [] : details,
    net: amount - fee,
    reporting_category: transaction.category,
    source: transaction.source,
    status: 'available',
    type: transaction.type,
  };
}
