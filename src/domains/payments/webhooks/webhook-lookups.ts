import { Injectable } from '@nestjs/common';
import { DisputeSettlementService } from '../disputes/dispute-settlement.service.js';
import { IntentSettlementService } from './intent-settlement.service.js';
import { RefundLookupService } from './refund-lookup.service.js';
import { familyOf, type WebhookFamily } from './webhook-families.js';

/** Who looks up what a family of webhooks is about. */
export interface WebhookLookup {
  /** Whether there is nothing left to ask about the object. */
  readonly isSettled?: (objectId: string) => Promise<boolean>;

  /**
   * Asks the provider about the object and settles what is ours; false when it is none of ours (yet). It bears being
   * called again, and throws where the provider did not answer.
   */
  readonly settle: (objectId: string) => Promise<boolean>;
}

/** Who looks up what a family of webhooks is about: one without anybody does not compile. */
@Injectable()
export class WebhookLookups {
  private readonly lookups: Readonly<Record<WebhookFamily, WebhookLookup>>;

  constructor(intents: IntentSettlementService, refunds: RefundLookupService, disputes: DisputeSettlementService) {
    this.lookups = {
      intent: { isSettled: (id) => intents.isSettled(id), settle: (id) => intents.settleIntent(id) },
      refund: { settle: (id) => refunds.settleRefund(id) },
      refundedCharge: { settle: (id) => refunds.settleCharge(id) },
      dispute: { settle: (id) => disputes.settleDispute(id) },
    };
  }

  /** Undefined for a type nobody has anything to do about. */
  of(type: string): WebhookLookup | undefined {
    const family = familyOf(type);
    return family && this.lookups[family];
  }
}
