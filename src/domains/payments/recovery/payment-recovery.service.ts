import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../../platform/config/config.js';
import { Log } from '../../../platform/telemetry/log.js';
import {
  isCaptureRequested,
  isKnown,
  type KnownPayment,
  type Payment,
  type PaymentFailure,
} from '../payment.entity.js';
import { PaymentsRepository } from '../payments.repository.js';
import type { ProviderReport } from '../provider-report.js';
import { SettlementService } from '../settlement/settlement.service.js';
import { PaymentStrategies } from '../strategies/payment-strategies.js';
import { OpenPaymentsRepository, type DuePayment } from './open-payments.repository.js';

const BATCH = 20;
/** How far before the first submit the provider's list is read: its clock and ours may differ. */
const CLOCK_SKEW_MS = 300_000;

/**
 * Owns every payment whose answer was lost. It never guesses: it asks for a known object, submits an unknown one again
 * under the same key, and lets the provider's complete list decide about what is too old for that.
 */
@Injectable()
export class PaymentRecoveryService {
  constructor(
    private readonly open: OpenPaymentsRepository,
    private readonly payments: PaymentsRepository,
    private readonly strategies: PaymentStrategies,
    private readonly settlement: SettlementService,
    @Inject(CONFIG) private readonly config: Config,
    private readonly log: Log,
  ) {}

  /** Looks at one batch of due payments; true when there may be more. One payment's trouble is not the others'. */
  async recoverDue(): Promise<boolean> {
    const due = await this.open.takeDue(BATCH);
    const results = await Promise.allSettled(due.map((payment) => this.recover(payment)));
    for (const [index, result] of results.entries()) {
      if (result.status === 'fulfilled') continue;
      const error: unknown = result.reason;
      this.log.error({ message: 'a payment was not recovered; trying on', paymentId: due[index]?.id, error });
    }
    return due.length === BATCH;
  }

  private async recover(due: DuePayment): Promise<void> {
    const payment = await this.payments.get(due.id);
    const report = await this.ask(payment, due);
    if (report) await this.settlement.settle(payment, report);
  }

  /** What the provider says now; null when it is too early to know. */
  private async ask(payment: Payment, due: DuePayment): Promise<ProviderReport | null> {
    const strategy = this.strategies.for(payment.paymentMethod);
    if (isKnown(payment)) {
      const isOverdue = payment.status === 'requires_action' && due.isActionOverdue;
      const report = await (isOverdue ? strategy.cancel(payment) : this.askAgain(payment));
      // A reserved amount is no riddle, however old: it stays reserved until the provider says that it lapsed.
      return report.status === 'unknown' && payment.status !== 'authorized' ? this.giveUp(report, due) : report;
    }
    const mayResubmit = due.sinceFirstSubmitMs < this.config.RECOVERY_RESUBMIT_WINDOW_MS;
    if (mayResubmit && (await this.open.noteResubmit(payment.id))) return strategy.charge(payment);
    if (due.sinceLastSubmitMs < this.config.RECOVERY_LIST_DELAY_MS) return null;
    return this.askList(payment, due);
  }

  /** A capture that was asked for is repeated until the provider has said what became of it. */
  private askAgain(payment: KnownPayment): Promise<ProviderReport> {
    const strategy = this.strategies.for(payment.paymentMethod);
    const isWaiting = payment.status === 'authorized' && isCaptureRequested(payment);
    return isWaiting ? strategy.capture(payment) : strategy.retrieve(payment);
  }

  private async askList(payment: Payment, due: DuePayment): Promise<ProviderReport | null> {
    const now = new Date();
    const from = new Date(payment.firstSubmittedAt.getTime() - CLOCK_SKEW_MS);
    const verdict = await this.strategies.for(payment.paymentMethod).find(payment, from);
    const call = { op: 'list', key: null, startedAt: now, endedAt: new Date(), requestId: null };
    if (verdict === 'no-answer') {
      return this.giveUp({ call, status: 'unknown', reason: reason('list-did-not-answer') }, due);
    }
    if (verdict.found) return verdict.found;
    const failure: PaymentFailure = {
      kind: 'absent',
      code: 'never-submitted',
      message: 'The payment never reached the provider; nothing was charged.',
    };
    return { call, status: 'failed', failure };
  }

  /** Provider keys may be pruned after 24 h: what nobody could tell by then is for an operator. */
  private giveUp(report: ProviderReport & { status: 'unknown' }, due: DuePayment): ProviderReport {
    if (due.sinceFirstSubmitMs < this.config.RECOVERY_GIVE_UP_MS) return report;
    return { call: report.call, status: 'undecidable', reason: reason('provider-did-not-answer') };
  }
}

function reason(code: string): PaymentFailure {
  return { kind: 'transport', code, message: 'The provider could not be asked.' };
}
