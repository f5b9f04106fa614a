import { Injectable } from '@nestjs/common';
import { unanswered } from '../provider-silence.js';
import { FoundRefundsService } from '../refunds/found-refunds.service.js';
import { CardPayment } from '../strategies/card.payment.js';

/** Asks Stripe about what a webhook of the refund family names. */
@Injectable()
export class RefundLookupService {
  constructor(
    private readonly cards: CardPayment,
    private readonly found: FoundRefundsService,
  ) {}

  /** False when the refund belongs to no payment of ours. */
  async settleRefund(providerRefundId: string): Promise<boolean> {
    const refund = await this.cards.retrieveFoundRefund(providerRefundId);
    if ('code' in refund) throw unanswered(refund);
    return this.found.settle(refund);
  }

  /** All refunds of one charge; false when one of them belongs to no payment of ours. */
  async settleCharge(chargeId: string): Promise<boolean> {
    const refunds = await this.cards.listRefundsOf({ charge: chargeId });
    if ('code' in refunds) throw unanswered(refunds);
    const isOurs: boolean[] = [];
    for (const refund of refunds) isOurs.push(await this.found.settle(refund));
    return isOurs.every(Boolean);
  }
}
