import { Injectable } from '@nestjs/common';
import { Log } from '../../../../platform/telemetry/log.js';
import { isKnown } from '../../payment.entity.js';
import { PaymentsRepository } from '../../payments.repository.js';
import { OpenRefundsRepository, type DueRefund } from './open-refunds.repository.js';
import { RefundInquiryService } from './refund-inquiry.service.js';
import { RefundSettlementService } from '../refund-settlement.service.js';
import { RefundsRepository } from '../refunds.repository.js';

const BATCH = 20;

/** Owns every refund whose answer was lost, and submits those of late successes, which nobody else does. */
@Injectable()
export class RefundRecoveryService {
  constructor(
    private readonly open: OpenRefundsRepository,
    private readonly refunds: RefundsRepository,
    private readonly payments: PaymentsRepository,
    private readonly inquiry: RefundInquiryService,
    private readonly settlement: RefundSettlementService,
    private readonly log: Log,
  ) {}

  /** Looks at one batch of due refunds; true when there may be more. One refund's trouble is not the others'. */
  async recoverDue(): Promise<boolean> {
    const due = await this.open.takeDue(BATCH);
    const results = await Promise.allSettled(due.map((refund) => this.recover(refund)));
    for (const [index, result] of results.entries()) {
      if (result.status === 'fulfilled') continue;
      const error: unknown = result.reason;
      this.log.error({ message: 'a refund was not recovered; trying on', refundId: due[index]?.id, error });
    }
    return due.length === BATCH;
  }

  private async recover(due: DueRefund): Promise<void> {
    const refund = await this.refunds.get(due.id);
    const payment = await this.payments.get(refund.paymentId);
    if (!isKnown(payment)) throw new Error(`payment ${payment.id} was never at its provider`);
    const report = await this.inquiry.ask(refund, payment, due);
    if (report) await this.settlement.settle(refund, report);
  }
}
