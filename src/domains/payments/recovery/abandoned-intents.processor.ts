import { Process, Processor } from '@nestjs/bull';
import type { Job } from 'bull';
import { Consumer, type Effect, type Handlers } from '../../../platform/events/consumer.js';
import type { DispatchedDelivery } from '../../../platform/events/deliveries.repository.js';
import { CONCURRENCY } from '../../../platform/queue/queues.js';
import { isKnown } from '../payment.entity.js';
import { PAYMENT_LIFE } from '../payment-status.js';
import { PaymentsRepository } from '../payments.repository.js';
import { unanswered } from '../provider-silence.js';
import { SettlementService } from '../settlement/settlement.service.js';
import { PaymentStrategies } from '../strategies/payment-strategies.js';

/** A failed payment's object stays payable with the client's secret until it is cancelled at the provider. */
@Processor('abandoned-intents')
export class AbandonedIntentsProcessor {
  private readonly handlers: Handlers<'abandoned-intents'> = {
    'payment.failed': ({ payload }) => this.cancel(payload.paymentId),
    'payment.surfaced': ({ payload }) => this.cancel(payload.paymentId),
  };

  constructor(
    private readonly consumer: Consumer,
    private readonly payments: PaymentsRepository,
    private readonly strategies: PaymentStrategies,
    private readonly settlement: SettlementService,
  ) {}

  @Process({ concurrency: CONCURRENCY })
  hear(job: Job<DispatchedDelivery>): Promise<void> {
    return this.consumer.consume(job.data, this.handlers);
  }

  /** Settling is idempotent, so it need not wait for the transaction that closes the delivery. */
  private async cancel(paymentId: string): Promise<Effect> {
    const payment = await this.payments.get(paymentId);
    if (!isKnown(payment) || PAYMENT_LIFE[payment.status] !== 'given-up') return nothing;
    const report = await this.strategies.for(payment.paymentMethod).cancel(payment);
    if (report.status === 'unknown') throw unanswered(report.reason);
    // Anything else is still payable there: the delivery stays open until it is not.
    if (report.status !== 'cancelled' && report.status !== 'succeeded') {
      throw new Error(`the provider did not cancel; the payment is ${report.status} there`);
    }
    await this.settlement.settle(payment, report);
    return nothing;
  }
}

const nothing: Effect = () => Promise.resolve();
