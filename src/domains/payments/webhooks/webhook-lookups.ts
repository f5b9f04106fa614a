import { Injectable } from '@nestjs/common';
import { IntentSettlementService } from './intent-settlement.service.js';
import { RefundLookupService } from './refund-lookup.service.js';

/** Who looks up what a family of webhooks is about. */
export interface WebhookLookup {
  /** Tested against the webhook's type; the first that fits is asked. */
  readonly family: RegExp;

  /** Whether there is nothing left to ask about the object. */
  readonly isSettled?: (objectId: string) => Promise<boolean>;

  /**
   * Asks the provider about the object and settles what is ours; false when it is none of ours (yet). It bears being
   * called again, and throws where the provider did not answer.
   */
  readonly settle: (objectId: string) => Promise<boolean>;
}

@Injectable()
export class WebhookLookups {
  private readonly lookups: readonly WebhookLookup[];

  constructor(intents: IntentSettlementService, refunds: RefundLookupService) {
    this.lookups = [
      {
        family: /^payment_intent\./,
        isSettled: (id) => intents.isSettled(id),
        settle: (id) => intents.settleIntent(id),
      },
      { family: /^(refund\.|charge\.refund\.updated$)/, settle: (id) => refunds.settleRefund(id) },
      { family: /^charge\.refunded$/, settle: (id) => refunds.settleCharge(id) },
    ];
  }

  /** Undefined for a type nobody has anything to do about. */
  of(type: string): WebhookLookup | undefined {
    return this.lookups.find(({ family }) => family.test(type));
  }
}
