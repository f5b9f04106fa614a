import { Inject, Injectable } from '@nestjs/common';
import Stripe from 'stripe';
import { CONFIG, type Config } from '../../../platform/config/config.js';
import { Transactions } from '../../../platform/database/transactions.js';
import { memberOf } from '../../../shared/unknown.js';
import { InvalidSignature } from '../payment.errors.js';
import { STRIPE, type StripeClient } from '../strategies/stripe.client.js';
import { WebhookInboxRepository, type WebhookHint } from './webhook-inbox.repository.js';

/** Stripe's own default: older signatures are replays. */
const TOLERANCE_SECONDS = 300;

@Injectable()
export class WebhooksService {
  constructor(
    private readonly transactions: Transactions,
    private readonly inbox: WebhookInboxRepository,
    @Inject(STRIPE) private readonly stripe: StripeClient,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * Verifies and stores a webhook; what it is about is looked up later. When this returns, the event is durable.
   * @throws InvalidSignature before anything is written
   */
  async receive(rawBody: Buffer, signature: string): Promise<void> {
    const hint = this.verify(rawBody, signature);
    await this.transactions.run((tx) => this.inbox.receive(tx, hint));
  }

  /** Two secrets are valid while one is being rotated. https://docs.stripe.com/webhooks#verify-manually */
  private verify(rawBody: Buffer, signature: string): WebhookHint {
    const { STRIPE_WEBHOOK_SECRET, STRIPE_WEBHOOK_SECRET_PREVIOUS } = this.config;
    for (const secret of [STRIPE_WEBHOOK_SECRET, STRIPE_WEBHOOK_SECRET_PREVIOUS]) {
      if (!secret) continue;
      try {
        return hintOf(this.stripe.webhooks.constructEvent(rawBody, signature, secret, TOLERANCE_SECONDS));
      } catch (error) {
        if (!(error instanceof Stripe.errors.StripeSignatureVerificationError)) throw new InvalidSignature();
      }
    }
    throw new InvalidSignature();
  }
}

/** @throws TypeError when a signed body is no event; the caller answers it like a wrong signature. */
function hintOf(event: Stripe.Event): WebhookHint {
  const objectId = memberOf(event.data.object, 'id');
  if (typeof event.id !== 'string' || typeof event.type !== 'string' || typeof objectId !== 'string') {
    throw new TypeError('not a Stripe event');
  }
  return { provider: 'stripe', eventId: event.id, type: event.type, objectId, payload: event };
}
