import type { Act } from './acts.js';
import type { JobName } from './schedules.js';

/** Everything one domain may tell another: past tense, ids and plain values, never personal data or entities. */
export interface DomainEvents {
  'user.registered': { userId: string };
  'user.registered-again': { userId: string };
  'user.verification-requested': { userId: string };
  'user.verified': { userId: string };
  'user.changed': { userId: string };
  /** Somebody forgot the password of an address. Null: of one we do not know; recorded all the same, so that both take as long. */
  'user.reset-requested': { userId: string | null };
  'user.password-changed': { userId: string };
  'user.address-change-requested': { userId: string };
  'user.address-changed': { userId: string };
  /** So many logins failed that more are refused, but from devices the account knows. Null as above. */
  'user.logins-throttled': { userId: string | null };
  'user.mfa-enabled': { userId: string };
  'user.mfa-disabled': { userId: string };
  'user.deactivated': { userId: string };
  'user.activated': { userId: string };
  'user.roles-changed': { userId: string };
  'api-key.made': { userId: string; apiKeyId: string };
  'api-key.revoked': { userId: string; apiKeyId: string };
  'user.export-requested': { userId: string };
  /** Whoever keeps anything about this person erases it. */
  'user.erased': { userId: string };
  'session.started': { userId: string; sessionId: string };
  'session.ended': { userId: string; sessionId: string; reason: 'logout' | 'reuse' | 'revoked' };

  'product.created': { productId: string };
  'product.changed': { productId: string };
  'stock.adjusted': { productId: string; delta: number; reason: string };

  'order.placed': { orderId: string; userId: string; totalAmount: number; currency: string };
  'order.completed': { orderId: string; userId: string };
  'order.cancelled': { orderId: string; userId: string; reason: string };

  'payment.submitted': PaymentFact;
  'payment.unknown': PaymentFact;
  'payment.requires-action': PaymentFact;
  'payment.authorized': PaymentFact;
  'payment.awaiting-confirmation': PaymentFact;
  'payment.capture-requested': PaymentFact;
  'payment.needs-review': PaymentFact;
  'payment.succeeded': PaymentFact;
  'payment.late-succeeded': PaymentFact;
  'payment.failed': PaymentFact;
  'payment.cancelled': PaymentFact;
  /** A payment we gave up turned out to be alive at the provider. */
  'payment.surfaced': PaymentFact;

  'refund.requested': RefundFact;
  'refund.submitted': RefundFact;
  'refund.unknown': RefundFact;
  'refund.pending': RefundFact;
  'refund.succeeded': RefundFact;
  'refund.failed': RefundFact;
  'refund.cancelled': RefundFact;
  /** The money had left, and came back. */
  'refund.reversed': RefundFact;

  'reconciliation.requested': { reconciliationId: string };
  'reconciliation.completed': { reconciliationId: string };
  'review.resolved': { reviewId: string; paymentId: string; orderId: string; reason: string; outcome: string };

  /** A customer's bank wants captured money back. */
  'dispute.opened': DisputeFact;
  'dispute.changed': DisputeFact;
  'dispute.closed': DisputeFact;

  'webhook.received': { provider: string; eventId: string; type: string; objectId: string };

  'notification.queued': { notificationId: string };
  'notification.sent': { notificationId: string };
  'notification.rejected': { notificationId: string };

  /** Somebody of the shop did something to what is not their own; `audit_details` holds what may have to be forgotten. */
  'act.performed': { act: Act; subject: string };

  /** A job's time has come. `slot` is the beginning of its hour or day, ISO 8601 in UTC. */
  'schedule.due': { job: JobName; slot: string };
  /** What one day (UTC, `2026-10-04`) brought, by the ledger, per currency and in minor units. */
  'sales.summarised': { day: string; totals: readonly SalesTotal[] };
}

export interface PaymentFact {
  paymentId: string;
  orderId: string;
  userId: string;
  amount: number;
  currency: string;
  /** Where money was captured: less than `amount` when only a part was. */
  capturedAmount?: number;
  /** The provider's charge, where a provider holds what was captured. */
  chargeId?: string;
}

export interface DisputeFact {
  disputeId: string;
  paymentId: string;
  orderId: string;
  amount: number;
  currency: string;
  /** In the provider's words, for example `fraudulent`. */
  reason: string;
  status: string;
}

export interface RefundFact {
  refundId: string;
  paymentId: string;
  orderId: string;
  userId: string;
  /** Minor units that go back, of what may be a larger payment. */
  amount: number;
  currency: string;
}

export interface SalesTotal {
  currency: string;
  /** How many payments were captured. */
  payments: number;
  capturedAmount: number;
  refundedAmount: number;
}

export type EventName = keyof DomainEvents;

/** Each subscriber has one Bull queue of the same name, and its own row of work per event. */
export const SUBSCRIBER_NAMES = [
  'notifications',
  'mailer',
  'webhooks',
  'abandoned-intents',
  'provider-fees',
  'catalogue-cache',
  'schedules',
  'reconciliation',
  'orders-erasure',
] as const;
export type Subscriber = (typeof SUBSCRIBER_NAMES)[number];

/** Who hears what. `satisfies` makes an event nobody has decided about a compile error. */
export const SUBSCRIBERS = {
  'user.registered': ['notifications'],
  'user.registered-again': ['notifications'],
  'user.verification-requested': ['notifications'],
  'user.verified': [],
  'user.changed': [],
  'user.reset-requested': ['notifications'],
  'user.password-changed': ['notifications'],
  'user.address-change-requested': ['notifications'],
  'user.address-changed': [],
  'user.logins-throttled': ['notifications'],
  'user.mfa-enabled': ['notifications'],
  'user.mfa-disabled': ['notifications'],
  'user.deactivated': [],
  'user.activated': [],
  'user.roles-changed': [],
  'api-key.made': [],
  'api-key.revoked': [],
  'user.export-requested': ['notifications'],
  'user.erased': ['notifications', 'orders-erasure'],
  'session.started': [],
  'session.ended': [],

  'product.created': ['catalogue-cache'],
  'product.changed': ['catalogue-cache'],
  'stock.adjusted': ['catalogue-cache'],

  'order.placed': ['notifications'],
  'order.completed': [],
  'order.cancelled': [],

  'payment.submitted': [],
  'payment.unknown': [],
  'payment.requires-action': [],
  'payment.authorized': [],
  'payment.awaiting-confirmation': [],
  'payment.capture-requested': [],
  'payment.needs-review': [],
  'payment.succeeded': ['notifications', 'provider-fees'],
  'payment.late-succeeded': ['provider-fees'],
  'payment.failed': ['abandoned-intents'],
  'payment.cancelled': [],
  'payment.surfaced': ['abandoned-intents'],

  'refund.requested': [],
  'refund.submitted': [],
  'refund.unknown': [],
  'refund.pending': [],
  'refund.succeeded': ['notifications'],
  'refund.failed': [],
  'refund.cancelled': [],
  'refund.reversed': [],

  'reconciliation.requested': ['reconciliation'],
  'reconciliation.completed': [],
  'review.resolved': [],

  'dispute.opened': [],
  'dispute.changed': [],
  'dispute.closed': [],

  'webhook.received': ['webhooks'],

  'notification.queued': ['mailer'],
  'notification.sent': [],
  'notification.rejected': [],

  'act.performed': [],

  'schedule.due': ['schedules'],
  'sales.summarised': [],
} as const satisfies Record<EventName, readonly Subscriber[]>;

/** One event as it is appended: its stream's next version is the aggregate's own counter. */
export interface NewEvent<N extends EventName = EventName> {
  readonly name: N;
  /** `<aggregate>-<id>`, for example `order-018f…`. */
  readonly stream: string;
  readonly version: number;
  readonly payload: DomainEvents[N];
  /** Set where the event belongs to the life of an order: its timeline shows it. */
  readonly orderId?: string;
}

/** One event as a subscriber hears it. */
export interface RecordedEvent<N extends EventName = EventName> {
  readonly id: string;
  readonly name: N;
  readonly payload: DomainEvents[N];
  readonly requestId: string | null;
  /** Milliseconds since the event was recorded, by PostgreSQL's clock, when this delivery was claimed. */
  readonly ageMs: number;
}
