import type { Job } from 'bull';
import { FindingsRepository } from '../../src/domains/payments/reconciliation/findings.repository.js';
import { FindingsService } from '../../src/domains/payments/reconciliation/findings.service.js';
import { OurBooksRepository } from '../../src/domains/payments/reconciliation/our-books.repository.js';
import { PaymentReconciliationService } from '../../src/domains/payments/reconciliation/payment-reconciliation.service.js';
import { ReconcilerService } from '../../src/domains/payments/reconciliation/reconciler.service.js';
import { ReconciliationProcessor } from '../../src/domains/payments/reconciliation/reconciliation.processor.js';
import { ReconciliationRequests } from '../../src/domains/payments/reconciliation/reconciliation-requests.service.js';
import { ReconciliationsController } from '../../src/domains/payments/reconciliation/reconciliations.controller.js';
import { ReconciliationsRepository } from '../../src/domains/payments/reconciliation/reconciliations.repository.js';
import { RefundReconciliationService } from '../../src/domains/payments/reconciliation/refund-reconciliation.service.js';
import { StripeLists } from '../../src/domains/payments/reconciliation/stripe-lists.js';
import { ReviewsRepository } from '../../src/domains/payments/reviews/reviews.repository.js';
import { stripeProvider } from '../../src/domains/payments/strategies/stripe.client.js';
import { Consumer } from '../../src/platform/events/consumer.js';
import { DeliveriesRepository, type DispatchedDelivery } from '../../src/platform/events/deliveries.repository.js';
import { Events } from '../../src/platform/events/events.js';
import { Log } from '../../src/platform/telemetry/log.js';
import { newId } from '../../src/shared/ids.js';
import { guardsOf } from '../support/provider-guards.js';
import { PaymentDesk } from './payments.support.js';

/** A till, and somebody who compares its books with the provider's. */
export class ReconciliationDesk {
  readonly runs: ReconciliationsRepository;
  readonly findings: FindingsRepository;
  readonly requests: ReconciliationRequests;
  readonly door: ReconciliationsController;
  private readonly processor: ReconciliationProcessor;

  private constructor(readonly shop: PaymentDesk) {
    const { config, dataSource, transactions, orders } = shop.desk;
    const log = new Log(config);
    const events = new Events();
    const lists = new StripeLists(stripeProvider.useFactory(config, guardsOf(config)));
    const books = new OurBooksRepository(dataSource, orders);
    this.runs = new ReconciliationsRepository(dataSource);
    this.findings = new FindingsRepository(dataSource);
    this.requests = new ReconciliationRequests(this.runs, events);
    this.door = new ReconciliationsController(transactions, this.requests, this.runs, this.findings, config);
    const findings = new FindingsService(transactions, this.findings, new ReviewsRepository());
    const both = [transactions, this.runs, lists, books, findings] as const;
    const payments = new PaymentReconciliationService(...both, shop.settlement);
    const refunds = new RefundReconciliationService(...both, shop.refunding.found);
    const reconciler = new ReconcilerService(transactions, this.runs, lists, payments, refunds, findings);
    const deliveries = new DeliveriesRepository(dataSource, config);
    const consumer = new Consumer(deliveries, transactions, shop.alarms, log, config);
    this.processor = new ReconciliationProcessor(consumer, reconciler, this.runs, events, shop.alarms);
  }

  static async open(settings: Record<string, string> = {}): Promise<ReconciliationDesk> {
    return new ReconciliationDesk(await PaymentDesk.open(settings));
  }

  /** Asks for the last two days, and has it done; the report. */
  async reconcile() {
    const day = 86_400_000;
    const window = { from: new Date(Date.now() - 2 * day), to: new Date(Date.now() + 60_000) };
    const { id } = await this.shop.desk.transactions.run((tx) => this.requests.request(tx, window, newId()));
    await this.hear();
    return this.door.get(id, { limit: 10_000 });
  }

  /** Hands out what was requested, due or not. */
  async hear(): Promise<void> {
    const open = await this.shop.db.query<{ id: string }>(
      `SELECT event_id AS id FROM event_deliveries WHERE subscriber = 'reconciliation' AND dead_at IS NULL`,
    );
    for (const { id: eventId } of open) {
      const data: DispatchedDelivery = { eventId, subscriber: 'reconciliation', attempts: 0 };
      await this.processor.hear({ data } as Job<DispatchedDelivery>);
    }
  }
}
