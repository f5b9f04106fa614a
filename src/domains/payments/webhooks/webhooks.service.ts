import { Inject, Injectable } from '@nestjs/common';
import Stripe from 'stripe';
import { CONFIG, type Config } from '../../../platform/config/config.js';
import { Alarms } from '../../../platform/telemetry/alarms.js';
import { InvalidSignature, WrongLivemode } from '../payment.errors.js';
import { STRIPE, type StripeClient } from '../strategies/stripe.client.js';
import { hintOf } from './webhook-hint.js';
import { WebhookInboxRepository, type WebhookHint } from './webhook-inbox.repository.js';

/** Stripe's own default: older signatures are replays. */
const TOLERANCE_SECONDS = 300;
/** https://docs.stripe.com/keys: secret and restricted keys name their mode. */
const LIVE_KEY = /^(sk|rk)_live_/;

@Injectable()
export class WebhooksService {
  constructor(
    private readonly inbox: WebhookInboxRepository,
    private readonly alarms: Alarms,
    @Inject(STRIPE) private readonly stripe: StripeClient,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * Verifies and stores a webhook; what it is about is looked up later. When this returns, the event is durable.
   * @throws InvalidSignature, WrongLivemode, before anything is written
   */
  async receive(rawBody: Buffer, signature: string): Promise<void> {
    const event = this.verify(rawBody, signature);
    const hint = readable(event);
    this.refuseOtherMode(event);
    await this.inbox.receive(hint);
  }

  /** Two secrets are valid while one is being rotated. https://docs.stripe.com/webhooks#verify-manually */
  private verify(rawBody: Buffer, signature: string): Stripe.Event {
    const { STRIPE_WEBHOOK_SECRET, STRIPE_WEBHOOK_SECRET_PREVIOUS } = this.config;
    for (const secret of [STRIPE_WEBHOOK_SECRET, STRIPE_WEBHOOK_SECRET_PREVIOUS]) {
      if (!secret) continue;
      try {
        return this.stripe.webhooks.constructEvent(rawBody, signature, secret, TOLERANCE_SECONDS);
      } catch (error) {
        if (!(error instanceof Stripe.errors.StripeSignatureVerificationError)) throw new InvalidSignature();
      }
    }
    throw new InvalidSignature();
  }

  /** Play money must not settle a real payment, nor real money a test's: somebody has mixed up keys and endpoints. */
  private refuseOtherMode({ id, livemode }: Stripe.Event): void {
    const isLive = LIVE_KEY.test(this.config.STRIPE_SECRET_KEY);
    if (typeof livemode !== 'boolean' || livemode === isLive) return;
    this.alarms.raise('webhook-wrong-livemode', { eventId: id, livemode });
    throw new WrongLivemode(livemode);
  }
}

function readable(event: Stripe.Event): WebhookHint {
  try {
    return hintOf(event);
  } catch {
    throw new InvalidSignature();
  }
}
