import { Injectable } from '@nestjs/common';
import { isId } from '../../../shared/ids.js';
import { PAYMENT_LIFE } from '../payment-status.js';
import { PaymentsRepository } from '../payments.repository.js';
import { unanswered } from '../provider-silence.js';
import { SettlementService } from '../settlement/settlement.service.js';
import { CardPayment } from '../strategies/card.payment.js';

@Injectable()
export class IntentSettlementService {
  constructor(
    private readonly payments: PaymentsRepository,
    private readonly cards: CardPayment,
    private readonly settlement: SettlementService,
  ) {}

  /** What is captured already is not asked about again: nothing an intent can still say would move it. */
  async isSettled(intentId: string): Promise<boolean> {
    const known = await this.payments.findByProviderId(intentId);
    return known !== undefined && PAYMENT_LIFE[known.status] === 'captured';
  }

  /** Asks Stripe about a payment intent and settles the payment it belongs to; false when it is none of ours. */
  async settleIntent(intentId: string): Promise<boolean> {
    if (await this.isSettled(intentId)) return true;
    const { report, paymentId } = await this.cards.retrieveIntent(intentId);
    if (report.status === 'unknown' && !paymentId) throw unanswered(report.reason);
    const payment = isId(paymentId) ? await this.payments.find(paymentId) : undefined;
    if (!payment) return false;
    await this.settlement.settle(payment, report);
    return true;
  }
}
