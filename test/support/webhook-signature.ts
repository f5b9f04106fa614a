import { createHmac, randomUUID } from 'node:crypto';
import { WEBHOOK_SECRET } from './shop-environment.js';

/** The provider's scheme (https://docs.stripe.com/webhooks#verify-manually): HMAC-SHA256 of `<seconds>.<body>`. */
export function stripeSignature(
  body: string,
  { secret, ageSeconds = 0 }: { secret: string; ageSeconds?: number },
): string {
  const seconds = Math.floor(Date.now() / 1_000) - ageSeconds;
  const mac = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  return `t=${seconds},v1=${mac}`;
}

/**
 * Events as the provider sends them: about a payment intent, which somebody then looks up, or about a customer, which
 * is a story that ends in the inbox.
 */
export class SignedEvents {
  constructor(
    private readonly prefix: string,
    private readonly intentId?: string,
  ) {}

  newId(): string {
    return `${this.prefix}_${randomUUID()}`;
  }

  delivery(id: string): { raw: string; headers: Record<string, string> } {
    const about = this.intentId
      ? { type: 'payment_intent.succeeded', data: { object: { id: this.intentId, object: 'payment_intent' } } }
      : { type: 'customer.updated', data: { object: { id: `cus_of_${id}`, object: 'customer' } } };
    const raw = JSON.stringify({ id, object: 'event', ...about });
    return { raw, headers: { 'stripe-signature': stripeSignature(raw, { secret: WEBHOOK_SECRET }) } };
  }
}
