/** What an answer told the shop about a payment or a refund, in the shop's own words. */
export type Word = 'succeeded' | 'authorized' | 'cancelled' | 'requires_action' | 'failed';

/** The life is Stripe's. */
export interface Intent {
  readonly id: string;
  readonly paymentId: string;
  readonly orderId: string;
  readonly amount: number;
  readonly currency: string;
  /** What is paid is only reserved, until it is captured. */
  readonly isManual: boolean;
  /** Seconds, by the provider's clock. */
  created: number;
  status: 'requires_payment_method' | 'requires_action' | 'requires_capture' | 'succeeded' | 'canceled';
  captured: number;
  isDeclined: boolean;
}

export interface MadeRefund {
  readonly id: string;
  readonly refundId: string;
  readonly intent: Intent;
  readonly amount: number;
  status: 'succeeded' | 'failed';
}

export type View = ReturnType<typeof viewOf> | ReturnType<typeof refundViewOf>;

export function ownIdOf(view: View): string {
  return view.object === 'refund' ? view.metadata.refund_id : view.metadata.payment_id;
}

export function wordOf(view: View): Word {
  if (view.object === 'refund') return view.status;
  if (view.status === 'succeeded') return 'succeeded';
  if (view.status === 'canceled') return 'cancelled';
  if (view.status === 'requires_capture') return 'authorized';
  return view.last_payment_error && view.status === 'requires_payment_method' ? 'failed' : 'requires_action';
}

export function isPayable({ status }: Intent): boolean {
  return status === 'requires_payment_method' || status === 'requires_action';
}

export function viewOf({ id, paymentId, orderId, amount, currency, created, status, captured, isDeclined }: Intent) {
  const isPaid = status === 'succeeded' || status === 'requires_capture';
  return {
    id,
    object: 'payment_intent' as const,
    amount,
    amount_received: captured,
    currency,
    created,
    status,
    client_secret: `${id}_secret`,
    latest_charge: isPaid ? `ch_${id}` : null,
    last_payment_error: isDeclined ? { type: 'card_error', code: 'card_declined', message: 'declined' } : null,
    metadata: { payment_id: paymentId, order_id: orderId },
    next_action: null,
  };
}

export function refundViewOf({ id, refundId, intent, amount, status }: MadeRefund) {
  return {
    id,
    object: 'refund' as const,
    amount,
    currency: intent.currency,
    payment_intent: intent.id,
    charge: `ch_${intent.id}`,
    balance_transaction: `txn_${id}`,
    status,
    failure_reason: status === 'failed' ? 'expired_or_canceled_card' : null,
    metadata: { refund_id: refundId },
  };
}
