import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../../../platform/config/config.js';
import { Transactions } from '../../../../platform/database/transactions.js';
import type { KnownPayment, PaymentFailure } from '../../payment.entity.js';
import { PaymentStrategies } from '../../strategies/payment-strategies.js';
import { OpenRefundsRepository, type DueRefund } from './open-refunds.repository.js';
import { isKnownRefund, type Refund } from '../refund.entity.js';
import type { RefundReport } from '../refund-report.js';
import { RefundsRepository } from '../refunds.repository.js';

/** How an open refund is asked about: never by guessing. */
@Injectable()
export class RefundInquiryService {
  constructor(
    private readonly transactions: Transactions,
    private readonly open: OpenRefundsRepository,
    private readonly refunds: RefundsRepository,
    private readonly strategies: PaymentStrategies,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * What the provider says now; null when it is too early to know, or somebody else is at it. What was only requested is
   * submitted, a young one again under the same key; about an older one the provider's complete list decides.
   */
  async ask(refund: Refund, payment: KnownPayment, due: DueRefund): Promise<RefundReport | null> {
    const strategy = this.strategies.for(payment.paymentMethod);
    if (refund.status === 'requested') {
      const begun = await this.begin(refund, payment);
      return begun ? strategy.refund(begun, payment) : null;
    }
    if (isKnownRefund(refund)) return strategy.retrieveRefund(refund, payment);
    const isYoung = due.sinceFirstSubmitMs < this.config.RECOVERY_RESUBMIT_WINDOW_MS;
    // Where there is nobody to ask, what support recorded stands, however old.
    const mayResubmit = isYoung || strategy.isConfirmedByOperator;
    if (mayResubmit && (await this.open.noteResubmit(refund.id))) return strategy.refund(refund, payment);
    if (due.sinceLastSubmitMs < this.config.RECOVERY_LIST_DELAY_MS) return null;
    return this.askList(refund, payment, due);
  }

  private begin(refund: Refund, payment: KnownPayment): Promise<Refund | undefined> {
    const firstCheckMs = this.config.RECOVERY_FIRST_CHECK_MS;
    return this.transactions.run((tx) => this.refunds.submit(tx, { refund, payment, firstCheckMs }));
  }

  private async askList(refund: Refund, payment: KnownPayment, due: DueRefund): Promise<RefundReport> {
    const startedAt = new Date();
    const list = await this.strategies.for(payment.paymentMethod).listRefunds(payment);
    const call = { op: 'refunds.list', key: null, startedAt, endedAt: new Date(), requestId: null };
    if ('code' in list) {
      const isHopeless = due.sinceFirstSubmitMs >= this.config.RECOVERY_GIVE_UP_MS;
      return isHopeless
        ? { call, status: 'undecidable', reason: transport('provider-did-not-answer') }
        : { call, status: 'unknown', reason: transport('list-did-not-answer') };
    }
    const found = list.find(({ refundId }) => refundId === refund.id);
    return found?.report ?? { call, status: 'failed', failure: NEVER_ARRIVED };
  }
}

const NEVER_ARRIVED: PaymentFailure = {
  kind: 'absent',
  code: 'never-submitted',
  message: 'The refund never reached the provider; no money went back.',
};

function transport(code: string): PaymentFailure {
  return { kind: 'transport', code, message: 'The provider could not be asked.' };
}
