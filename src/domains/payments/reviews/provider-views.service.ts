import { Injectable } from '@nestjs/common';
import { ServiceUnavailable } from '../../../shared/errors.js';
import { isKnown, type KnownPayment, type Payment } from '../payment.entity.js';
import type { ProviderReport } from '../provider-report.js';
import { PaymentStrategies } from '../strategies/payment-strategies.js';
import { evidenceOf, type ProviderEvidence } from './evidence.js';

/** How many payments of a page are asked about at a time, and for how long the page waits for all of them. */
const ASKED_AT_A_TIME = 5;
const PATIENCE_MS = 4_000;
/** How far before the first submit the provider's list is read: its clock and ours may differ. */
const CLOCK_SKEW_MS = 300_000;

/** Asks providers about payments somebody has to judge. No transaction is open here. */
@Injectable()
export class ProviderViewsService {
  constructor(private readonly strategies: PaymentStrategies) {}

  /** What the provider says now about each payment, in their order; null where it said nothing in time. */
  async viewsOf(payments: readonly Payment[]): Promise<(ProviderEvidence | null)[]> {
    const views: (ProviderEvidence | null)[] = payments.map(() => null);
    const patience = deadline(PATIENCE_MS);
    let next = 0;
    const askOn = async () => {
      for (let index = next++; index < payments.length && !patience.isOver; index = next++) {
        const payment = payments[index];
        if (payment && isKnown(payment)) views[index] = evidenceOf(await this.strategyOf(payment).retrieve(payment));
      }
    };
    await Promise.race([Promise.all(Array.from({ length: ASKED_AT_A_TIME }, askOn)), patience.end]);
    patience.cancel();
    return [...views];
  }

  /**
   * The provider's last word about a payment. `isEnding` makes sure that no money can move after it.
   * @throws ServiceUnavailable when the provider says nothing that decides
   */
  async lastWordOn(payment: Payment, { isEnding }: { isEnding: boolean }): Promise<ProviderReport> {
    const report = isKnown(payment) ? await this.ask(payment, isEnding) : await this.search(payment, isEnding);
    if (report.status !== 'unknown') return report;
    if (report.reason.code !== 'resource_missing') throw new ServiceUnavailable('The provider did not answer.');
    return { call: report.call, status: 'failed', failure: { ...report.reason, kind: 'absent' } };
  }

  private ask(payment: KnownPayment, isEnding: boolean): Promise<ProviderReport> {
    const strategy = this.strategyOf(payment);
    return isEnding ? strategy.cancel(payment) : strategy.retrieve(payment);
  }

  /** Nobody told us the provider's id: its whole list is read. */
  private async search(payment: Payment, isEnding: boolean): Promise<ProviderReport> {
    const startedAt = new Date();
    const from = new Date(payment.firstSubmittedAt.getTime() - CLOCK_SKEW_MS);
    const verdict = await this.strategyOf(payment).find(payment, from);
    const call = { op: 'list', key: null, startedAt, endedAt: new Date(), requestId: null };
    if (verdict === 'no-answer') throw new ServiceUnavailable("The provider's list did not answer to its end.");
    if (!verdict.found) {
      const message = 'The provider does not know the payment; nothing was charged.';
      return { call, status: 'failed', failure: { kind: 'absent', code: 'never-submitted', message } };
    }
    const providerPaymentId = 'providerPaymentId' in verdict.found ? verdict.found.providerPaymentId : null;
    return isEnding && providerPaymentId ? this.ask({ ...payment, providerPaymentId }, true) : verdict.found;
  }

  private strategyOf({ paymentMethod }: Payment) {
    return this.strategies.for(paymentMethod);
  }
}

/** A promise that ends after so long, and a flag for those who would begin something new then. */
function deadline(ms: number) {
  let timer: NodeJS.Timeout | undefined;
  const state = { isOver: false, end: Promise.resolve(), cancel: () => clearTimeout(timer) };
  state.end = new Promise((resolve) => {
    timer = setTimeout(() => {
      state.isOver = true;
      resolve();
    }, ms);
  });
  return state;
}
