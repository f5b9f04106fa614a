import type { Job } from 'bull';
import Stripe from 'stripe';
import { OrderCancellationService } from '../../src/domains/orders/order-cancellation.service.js';
import { OrderExpiryService } from '../../src/domains/orders/order-expiry.service.js';
import { CheckoutService } from '../../src/domains/payments/checkout/checkout.service.js';
import { PaymentOpeningService } from '../../src/domains/payments/checkout/payment-opening.service.js';
import { CaptureRequestService } from '../../src/domains/payments/operations/capture-request.service.js';
import { PaymentCancellationService } from '../../src/domains/payments/operations/payment-cancellation.service.js';
import { PaymentCaptureService } from '../../src/domains/payments/operations/payment-capture.service.js';
import { PaymentsRepository } from '../../src/domains/payments/payments.repository.js';
import { AbandonedIntentsProcessor } from '../../src/domains/payments/recovery/abandoned-intents.processor.js';
import { OpenPaymentsRepository } from '../../src/domains/payments/recovery/open-payments.repository.js';
import { PaymentRecoveryService } from '../../src/domains/payments/recovery/payment-recovery.service.js';
import { ReviewsRepository } from '../../src/domains/payments/reviews/reviews.repository.js';
import { PaymentSideEffects } from '../../src/domains/payments/settlement/payment-side-effects.js';
import { SettlementService } from '../../src/domains/payments/settlement/settlement.service.js';
import { CardPayment } from '../../src/domains/payments/strategies/card.payment.js';
import { PaymentStrategies } from '../../src/domains/payments/strategies/payment-strategies.js';
import { IntentSettlementService } from '../../src/domains/payments/webhooks/intent-settlement.service.js';
import { Idempotency } from '../../src/platform/database/idempotency.js';
import { Consumer } from '../../src/platform/events/consumer.js';
import { DeliveriesRepository, type DispatchedDelivery } from '../../src/platform/events/deliveries.repository.js';
import { Alarms } from '../../src/platform/telemetry/alarms.js';
import { Log } from '../../src/platform/telemetry/log.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { aProduct, aUser, anOrder, type OrderDesk, openDesk } from '../integration/orders.fixture.js';
import { MemoryStripe } from './payments.model.provider.js';
import { lookingFor } from './payments.model.wire.js';
import { type RefundParts, refundParts } from '../integration/refunds.parts.js';

const SUBSCRIBER = 'abandoned-intents';
const DRAWN_OUT_MS = 600_000;

/** The model sees in the rows what an operator would be told. */
class SilentAlarms extends Alarms {
  override raise(): void {
    // Nobody is there to be told.
  }
}

/** Tells the wire for which payment a list is read. */
class LookedForCards extends CardPayment {
  override find(...[payment, from]: Parameters<CardPayment['find']>): ReturnType<CardPayment['find']> {
    return lookingFor.run(payment.id, () => super.find(payment, from));
  }
}

/** Orders and payments on one database, as the application puts them together, with Stripe in memory behind its SDK. */
export class ModelShop {
  /** Each run brings its own. */
  stripe = new MemoryStripe();
  readonly checkout: CheckoutService;
  readonly opening: PaymentOpeningService;
  readonly captures: PaymentCaptureService;
  readonly ending: PaymentCancellationService;
  readonly payments: PaymentsRepository;
  readonly cancellation: OrderCancellationService;
  readonly expiry: OrderExpiryService;
  readonly recovery: PaymentRecoveryService;
  readonly intents: IntentSettlementService;
  readonly refunding: RefundParts;
  private readonly abandoned: AbandonedIntentsProcessor;

  private constructor(
    readonly db: TestDatabase,
    readonly desk: OrderDesk,
    private readonly buyer: { readonly userId: string; readonly productId: string },
  ) {
    const { config, dataSource, transactions, orders, stock } = desk;
    const log = new Log(config);
    const alarms = new SilentAlarms(log);
    const payments = new PaymentsRepository(dataSource);
    const idempotency = new Idempotency(dataSource);
    const cards = new LookedForCards(this.client());
    const strategies = new PaymentStrategies(cards);
    this.refunding = refundParts({ config, dataSource, transactions, payments, cards, alarms });
    const effects = new PaymentSideEffects(payments, this.refunding.refunds, new ReviewsRepository(), alarms);
    const settlement = new SettlementService(transactions, payments, orders, effects, idempotency, config);
    const requests = new CaptureRequestService(transactions, orders, payments, idempotency, config);
    const consumer = new Consumer(new DeliveriesRepository(dataSource, config), transactions, alarms, log, config);
    const open = new OpenPaymentsRepository(dataSource, config);
    this.opening = new PaymentOpeningService(transactions, orders, payments, strategies, config);
    this.checkout = new CheckoutService(this.opening, strategies, settlement, idempotency, payments, log);
    this.payments = payments;
    this.captures = new PaymentCaptureService(requests, payments, strategies, settlement, idempotency);
    this.ending = new PaymentCancellationService(payments, strategies, settlement);
    this.cancellation = new OrderCancellationService(orders, payments, this.ending, stock, transactions);
    this.expiry = new OrderExpiryService(orders, this.cancellation);
    this.recovery = new PaymentRecoveryService(open, payments, strategies, settlement, config, log);
    this.intents = new IntentSettlementService(payments, cards, settlement);
    this.abandoned = new AbandonedIntentsProcessor(consumer, payments, strategies, settlement);
  }

  static async open(tamper: (db: TestDatabase) => Promise<unknown> = () => Promise.resolve()): Promise<ModelShop> {
    const db = await createTestDatabase();
    const desk = await openDesk(db, { LOG_LEVEL: 'CRITICAL' });
    const { id: userId } = await aUser(db);
    const { id: productId } = await aProduct(desk, { stock: 100_000 });
    await tamper(db);
    return new ModelShop(db, desk, { userId, productId });
  }

  async close(): Promise<void> {
    await this.desk.close();
    await this.db.drop();
  }

  /** An order of one unit, and nothing left over from whoever failed before. */
  async order(): Promise<{ id: string; userId: string }> {
    await this.db.query(`UPDATE payments SET next_check_at = NULL WHERE next_check_at IS NOT NULL`);
    await this.db.query(`UPDATE refunds SET next_check_at = NULL WHERE next_check_at IS NOT NULL`);
    await this.db.query(`DELETE FROM event_deliveries WHERE subscriber = $1`, [SUBSCRIBER]);
    const { userId, productId } = this.buyer;
    const { body } = await anOrder(this.desk, userId, { items: [{ productId, quantity: 1 }] });
    return { id: body.id, userId };
  }

  /** Hands every open delivery about payments given up to its consumer, once. */
  async hearAbandoned(): Promise<void> {
    const open = await this.db.query<{ eventId: string }>(
      `SELECT event_id AS "eventId" FROM event_deliveries WHERE subscriber = $1 AND dead_at IS NULL`,
      [SUBSCRIBER],
    );
    for (const { eventId } of open) {
      const data: DispatchedDelivery = { eventId, subscriber: SUBSCRIBER, attempts: 0 };
      await this.abandoned.hear({ data } as Job<DispatchedDelivery>);
    }
  }

  private client(): Stripe {
    return new Stripe('sk_test_model', {
      httpClient: Stripe.createFetchHttpClient((...request: Parameters<typeof fetch>) => this.stripe.fetch(...request)),
      maxNetworkRetries: 0,
      telemetry: false,
      timeout: DRAWN_OUT_MS,
    });
  }
}
