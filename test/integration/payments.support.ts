import type { Job } from 'bull';
import type { Subscriber } from '../../src/contracts/domain-events.js';
import type { Principal } from '../../src/contracts/roles.js';
import { CheckoutService } from '../../src/domains/payments/checkout/checkout.service.js';
import { PaymentOpeningService } from '../../src/domains/payments/checkout/payment-opening.service.js';
import type { PayOrder } from '../../src/domains/payments/checkout/payments.dto.js';
import { CaptureRequestService } from '../../src/domains/payments/operations/capture-request.service.js';
import { PaymentCancellationService } from '../../src/domains/payments/operations/payment-cancellation.service.js';
import { PaymentCaptureService } from '../../src/domains/payments/operations/payment-capture.service.js';
import { PaymentConfirmationService } from '../../src/domains/payments/operations/payment-confirmation.service.js';
import { DisputeBook } from '../../src/domains/payments/disputes/dispute-book.js';
import { DisputeSettlementService } from '../../src/domains/payments/disputes/dispute-settlement.service.js';
import { DisputesRepository } from '../../src/domains/payments/disputes/disputes.repository.js';
import { StripeDisputes } from '../../src/domains/payments/disputes/stripe-disputes.js';
import { LedgerRepository } from '../../src/domains/payments/ledger/ledger.repository.js';
import { ProviderFeesProcessor } from '../../src/domains/payments/ledger/provider-fees.processor.js';
import type { Payment } from '../../src/domains/payments/payment.entity.js';
import { StripeBalance } from '../../src/domains/payments/strategies/stripe-balance.js';
import { PaymentsRepository } from '../../src/domains/payments/payments.repository.js';
import { AbandonedIntentsProcessor } from '../../src/domains/payments/recovery/abandoned-intents.processor.js';
import { OpenPaymentsRepository } from '../../src/domains/payments/recovery/open-payments.repository.js';
import { PaymentRecoveryService } from '../../src/domains/payments/recovery/payment-recovery.service.js';
import { PaymentSideEffects } from '../../src/domains/payments/settlement/payment-side-effects.js';
import { ReviewsRepository } from '../../src/domains/payments/reviews/reviews.repository.js';
import { SettlementService } from '../../src/domains/payments/settlement/settlement.service.js';
import { CardPayment } from '../../src/domains/payments/strategies/card.payment.js';
import { PaymentStrategies } from '../../src/domains/payments/strategies/payment-strategies.js';
import { stripeProvider } from '../../src/domains/payments/strategies/stripe.client.js';
import { IntentSettlementService } from '../../src/domains/payments/webhooks/intent-settlement.service.js';
import { WebhookInboxRepository } from '../../src/domains/payments/webhooks/webhook-inbox.repository.js';
import { WebhookLookups } from '../../src/domains/payments/webhooks/webhook-lookups.js';
import { WebhookSiblingsRepository } from '../../src/domains/payments/webhooks/webhook-siblings.repository.js';
import { WebhooksProcessor } from '../../src/domains/payments/webhooks/webhooks.processor.js';
import { WebhooksService } from '../../src/domains/payments/webhooks/webhooks.service.js';
import { hashOf, Idempotency, type KeyedRequest } from '../../src/platform/database/idempotency.js';
import { Consumer } from '../../src/platform/events/consumer.js';
import { DeliveriesRepository, type DispatchedDelivery } from '../../src/platform/events/deliveries.repository.js';
import { Alarms } from '../../src/platform/telemetry/alarms.js';
import { Log } from '../../src/platform/telemetry/log.js';
import { newId } from '../../src/shared/ids.js';
import { Rig } from '../contract/sandbox.fixture.js';
import { guardsOf, NEVER_OPENS } from '../support/provider-guards.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { aProduct, aUser, anOrder, type OrderDesk, openDesk } from './orders.fixture.js';
import { type RefundParts, refundParts } from './refunds.parts.js';

export const WEBHOOK_SECRET = 'whsec_of_this_integration_test';
export const PRICE = 4_900;

class HeardAlarms extends Alarms {
  readonly raised: string[] = [];

  override raise(code: string): void {
    this.raised.push(code);
  }
}

/** An order of one unit at {@link PRICE}, and who placed it. */
export interface PlacedOrder {
  readonly id: string;
  readonly user: Principal;
}

/**
 * Payments on one database and one sandbox, put together as the application does, with Stripe's own SDK and without doors,
 * queues or loops: a test decides who does what, and when.
 */
export class PaymentDesk {
  readonly alarms: HeardAlarms;
  readonly payments: PaymentsRepository;
  readonly strategies: PaymentStrategies;
  readonly settlement: SettlementService;
  readonly opening: PaymentOpeningService;
  readonly checkout: CheckoutService;
  readonly cancellation: PaymentCancellationService;
  readonly captures: PaymentCaptureService;
  readonly confirmation: PaymentConfirmationService;
  readonly recovery: PaymentRecoveryService;
  readonly intents: IntentSettlementService;
  readonly lookups: WebhookLookups;
  readonly disputes: DisputeSettlementService;
  readonly webhooks: WebhooksService;
  readonly refunding: RefundParts;
  private readonly ears: Pick<Record<Subscriber, { hear(job: Job<DispatchedDelivery>): Promise<void> }>, Ear>;
  private buyer: { user: Principal; productId: string } | undefined;

  private constructor(
    readonly db: TestDatabase,
    readonly rig: Rig,
    readonly desk: OrderDesk,
  ) {
    const { config, dataSource, transactions, orders } = desk;
    const log = new Log(config);
    const idempotency = new Idempotency(dataSource);
    const payments = new PaymentsRepository(dataSource);
    const alarms = new HeardAlarms(log);
    const stripe = stripeProvider.useFactory(config, guardsOf(config, alarms));
    const cards = new CardPayment(stripe);
    const strategies = new PaymentStrategies(cards);
    this.refunding = refundParts({ config, dataSource, transactions, payments, cards, alarms });
    const effects = new PaymentSideEffects(payments, this.refunding.refunds, new ReviewsRepository(), alarms);
    const settlement = new SettlementService(transactions, payments, orders, effects, idempotency, config);
    const opening = new PaymentOpeningService(transactions, orders, payments, strategies, config);
    const requests = new CaptureRequestService(transactions, orders, payments, idempotency, config);
    const open = new OpenPaymentsRepository(dataSource, config);
    const deliveries = new DeliveriesRepository(dataSource, config);
    const consumer = new Consumer(deliveries, transactions, alarms, log, config);
    const inbox = new WebhookInboxRepository(dataSource);
    this.alarms = alarms;
    this.payments = payments;
    this.strategies = strategies;
    this.settlement = settlement;
    this.opening = opening;
    this.checkout = new CheckoutService(opening, strategies, settlement, idempotency, payments, log);
    this.cancellation = new PaymentCancellationService(payments, strategies, settlement);
    this.captures = new PaymentCaptureService(requests, payments, strategies, settlement, idempotency);
    this.confirmation = new PaymentConfirmationService(transactions, orders, payments, settlement, idempotency);
    this.recovery = new PaymentRecoveryService(open, payments, strategies, settlement, config, log);
    this.intents = new IntentSettlementService(payments, cards, settlement);
    const ledger = new LedgerRepository();
    const reviews = new ReviewsRepository();
    const book = new DisputeBook(ledger, reviews);
    const disputes = new DisputesRepository();
    const stripeDisputes = new StripeDisputes(stripe);
    this.disputes = new DisputeSettlementService(transactions, stripeDisputes, payments, disputes, book, alarms);
    this.lookups = new WebhookLookups(this.intents, this.refunding.lookup, this.disputes);
    this.webhooks = new WebhooksService(inbox, alarms, stripe, config);
    this.ears = {
      'provider-fees': new ProviderFeesProcessor(consumer, new StripeBalance(stripe), ledger, config),
      webhooks: new WebhooksProcessor(
        consumer,
        this.lookups,
        new WebhookSiblingsRepository(dataSource),
        alarms,
        config,
      ),
      'abandoned-intents': new AbandonedIntentsProcessor(consumer, payments, strategies, settlement),
    };
  }

  static async open(settings: Record<string, string> = {}): Promise<PaymentDesk> {
    const [db, rig] = await Promise.all([createTestDatabase(), Rig.start()]);
    const provider = { STRIPE_API_URL: rig.url, STRIPE_WEBHOOK_SECRET: WEBHOOK_SECRET, STRIPE_TIMEOUT_MS: '2000' };
    return new PaymentDesk(
      db,
      rig,
      await openDesk(db, { LOG_LEVEL: 'CRITICAL', ...provider, ...NEVER_OPENS, ...settings }),
    );
  }

  async close(): Promise<void> {
    await this.desk.close();
    await this.rig.close();
    await this.db.drop();
  }

  /** One unit of the only product there is, by the only customer there is. */
  async order(): Promise<PlacedOrder> {
    this.buyer ??= {
      user: await aUser(this.db),
      productId: (await aProduct(this.desk, { stock: 1_000, unitAmount: PRICE })).id,
    };
    const { user, productId } = this.buyer;
    const { body } = await anOrder(this.desk, user.id, { items: [{ productId, quantity: 1 }] });
    return { id: body.id, user };
  }

  /** tx A, and nothing after it: as if the process had died then. */
  async open(command: Partial<PayOrder> = {}, order?: PlacedOrder): Promise<Payment> {
    const { id, user } = order ?? (await this.order());
    return this.opening.open(id, keyed(user.id), {
      paymentMethod: 'card',
      paymentMethodId: 'pm_card_visa',
      ...command,
    });
  }

  /** As the customer pays: the payment as it is afterwards, and the answer. */
  async pay(command: Partial<PayOrder> = {}, { key = newId(), order }: { key?: string; order?: PlacedOrder } = {}) {
    const { id, user } = order ?? (await this.order());
    const method = { paymentMethod: 'card', paymentMethodId: 'pm_card_visa' } as const;
    const reply = await this.checkout.pay(id, keyed(user.id, key), { ...method, ...command });
    const [payment] = await this.payments.listOf(id, { limit: 1 });
    if (!payment) throw new Error('nothing was opened');
    return { reply, payment, order: { id, user } };
  }

  /** Moves what a payment remembers of time into the past, and has it looked at now. */
  async age({ id }: Pick<Payment, 'id'>, by: { first?: string; last?: string; action?: string } = {}): Promise<void> {
    const { first = '0', last = first, action = '0' } = by;
    await this.db.query(
      `UPDATE payments SET first_submitted_at = first_submitted_at - $2::interval, next_check_at = now(),
              last_submitted_at = last_submitted_at - $3::interval, action_expires_at = action_expires_at - $4::interval
        WHERE id = $1`,
      [id, first, last, action],
    );
  }

  /** One turn of recovery; the payment afterwards. */
  async recovered({ id }: Pick<Payment, 'id'>): Promise<Payment> {
    await this.recovery.recoverDue();
    return this.payments.get(id);
  }

  /** Hands out every open delivery of a subscriber once, due or not, and tells how many there were. */
  async hear(subscriber: Ear): Promise<number> {
    const open = await this.db.query<{ id: string }>(
      `SELECT event_id AS id FROM event_deliveries WHERE subscriber = $1 AND dead_at IS NULL`,
      [subscriber],
    );
    for (const { id: eventId } of open) {
      const data: DispatchedDelivery = { eventId, subscriber, attempts: 0 };
      await this.ears[subscriber].hear({ data } as Job<DispatchedDelivery>);
    }
    return open.length;
  }

  /** How Stripe sees a payment. */
  async atProvider({ providerPaymentId }: Payment): Promise<string> {
    return (await this.rig.stripe().paymentIntents.retrieve(providerPaymentId ?? '')).status;
  }

  async isRigHolding(): Promise<boolean> {
    return (await this.rig.door<{ hits: number }[]>('GET', '/_sandbox/faults')).some(({ hits }) => hits > 0);
  }

  /** What the sandbox did for this payment, oldest first. */
  async done({ id }: Pick<Payment, 'id'>): Promise<string[]> {
    const own = (await this.rig.journal()).filter(({ metadata }) => metadata['payment_id'] === id);
    return own.map(({ op, outcome }) => `${op.replace('payment_intents.', '')} ${outcome}`);
  }
}

type Ear = 'webhooks' | 'abandoned-intents' | 'provider-fees';

export function keyed(userId: string, key = newId(), body: unknown = {}): KeyedRequest {
  const endpoint = 'POST /v1/test';
  return { userId, endpoint, key, requestHash: hashOf({ endpoint, body }) };
}
