import type { JsonObject } from './json.js';

/** What the sandbox keeps of each thing: facts only. Amounts are minor units, currencies lower case, times Unix seconds unless `Ms`. */
export type Metadata = Record<string, string>;

export type IntentStatus =
  | 'requires_payment_method'
  | 'requires_confirmation'
  | 'requires_action'
  | 'processing'
  | 'requires_capture'
  | 'succeeded'
  | 'canceled';

/** Why a card was refused, in the words of the provider's error. */
export interface Refusal {
  type: 'card_error' | 'invalid_request_error';
  code: string;
  declineCode?: string;
  message: string;
  param?: string;
}

export interface LastError extends Refusal {
  charge: string | null;
  paymentMethod: string;
  card: string;
}

export interface Intent {
  id: string;
  created: number;
  amount: number;
  currency: string;
  status: IntentStatus;
  captureMethod: string;
  confirmationMethod: string;
  /** `null` when methods were named one by one instead of left to the account's settings. */
  automatic: { redirects: 'always' | 'never' } | null;
  allowed: string[] | null;
  excluded: string[] | null;
  /** What the customer may pay with. */
  types: string[];
  /** The published name of the test payment method, such as `pm_card_visa`; `paymentMethod` is the id it got. */
  card: string | null;
  paymentMethod: string | null;
  metadata: Metadata;
  description: string | null;
  receiptEmail: string | null;
  returnUrl: string | null;
  setupFutureUsage: string | null;
  statementDescriptor: string | null;
  statementSuffix: string | null;
  transferGroup: string | null;
  customer: string | null;
  shipping: JsonObject | null;
  received: number;
  capturable: number;
  charge: string | null;
  lastError: LastError | null;
  canceledAt: number | null;
  cancellationReason: string | null;
  secret: string;
}

export interface Charge {
  id: string;
  created: number;
  intent: string;
  amount: number;
  captured: boolean;
  amountCaptured: number;
  amountRefunded: number;
  currency: string;
  status: 'succeeded' | 'pending' | 'failed';
  card: string;
  paymentMethod: string;
  metadata: Metadata;
  description: string | null;
  receiptEmail: string | null;
  statementSuffix: string | null;
  transferGroup: string | null;
  customer: string | null;
  shipping: JsonObject | null;
  refusal: Refusal | null;
  transaction: string | null;
  dispute: string | null;
}

export interface Refund {
  id: string;
  created: number;
  charge: string;
  intent: string;
  amount: number;
  currency: string;
  status: 'pending' | 'succeeded' | 'failed' | 'canceled';
  reason: string | null;
  metadata: Metadata;
  paymentMethod: string;
  transaction: string | null;
  failureReason: string | null;
  failureTransaction: string | null;
}

export interface Dispute {
  id: string;
  created: number;
  charge: string;
  intent: string;
  amount: number;
  currency: string;
  reason: string;
  status: 'warning_needs_response' | 'warning_closed' | 'needs_response' | 'won' | 'lost';
  card: string;
  evidence: string | null;
  metadata: Metadata;
  transactions: string[];
}

export interface Transaction {
  id: string;
  created: number;
  type: string;
  category: string;
  amount: number;
  fee: number;
  currency: string;
  source: string;
}

/** The first answer given under an idempotency key; it is the answer for ever, a 402 or a 500 included. */
export interface StoredAnswer {
  id: string;
  fingerprint: string;
  status: number;
  body: string;
  requestId: string;
  atMs: number;
}

export interface StoredEvent {
  id: string;
  created: number;
  type: string;
  json: string;
}

/** An event that still has to reach the webhook's URL. */
export interface PendingDelivery {
  id: string;
}

/** Something the provider does by itself later: a refund that ends, a dispute that arrives. */
export interface Appointment {
  id: string;
  atMs: number;
  kind: string;
  object: string;
}

export interface Message {
  id: string;
  to: string;
  from: string;
  subject: string;
  html: string;
  text: string;
  headers: Record<string, string>;
  customArgs: Record<string, string>;
  at: string;
}

export interface Push {
  id: string;
  subscription: string;
  headers: Record<string, string>;
  bytes: number;
  at: string;
}

export interface Setting {
  id: string;
  value: JsonObject;
}

export interface Rows {
  intents: Intent;
  charges: Charge;
  refunds: Refund;
  disputes: Dispute;
  transactions: Transaction;
  answers: StoredAnswer;
  events: StoredEvent;
  deliveries: PendingDelivery;
  agenda: Appointment;
  messages: Message;
  pushes: Push;
  settings: Setting;
}

export type TableName = keyof Rows;

/** What one synchronous piece of work changes: written whole in one append, or not at all. */
export type Changes = { [K in TableName]?: Rows[K][] };
export type Removals = { [K in TableName]?: string[] };
