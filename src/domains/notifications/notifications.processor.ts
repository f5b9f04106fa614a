import { Process, Processor } from '@nestjs/bull';
import type { Job } from 'bull';
import { Consumer, type Effect, type Handlers } from '../../platform/events/consumer.js';
import type { DispatchedDelivery } from '../../platform/events/deliveries.repository.js';
import { CONCURRENCY } from '../../platform/queue/queues.js';
import { NotificationsRepository, type Tidings } from './notifications.repository.js';

/** Turns facts into notifications: one per fact, however often it is heard. Sending them is the mailer's work. */
@Processor('notifications')
export class NotificationsProcessor {
  private readonly handlers: Handlers<'notifications'> = {
    'user.registered': ({ payload: { userId } }) =>
      this.queue({ kind: 'welcome', factId: userId, userId, orderId: null }),
    'user.verification-requested': ({ id, payload: { userId } }) =>
      this.queue({ kind: 'verify-email', factId: id, userId, orderId: null }),
    'user.registered-again': ({ id, payload: { userId } }) =>
      this.queue({ kind: 'already-registered', factId: id, userId, orderId: null }),
    'order.placed': ({ payload: { orderId, userId } }) =>
      this.queue({ kind: 'order-placed', factId: orderId, userId, orderId }),
    'payment.succeeded': ({ payload: { paymentId, orderId, userId } }) =>
      this.queue({ kind: 'payment-receipt', factId: paymentId, userId, orderId }),
    'refund.succeeded': ({ payload: { refundId, orderId, userId } }) =>
      this.queue({ kind: 'refund-issued', factId: refundId, userId, orderId }),
  };

  constructor(
    private readonly consumer: Consumer,
    private readonly notifications: NotificationsRepository,
  ) {}

  @Process({ concurrency: CONCURRENCY })
  hear(job: Job<DispatchedDelivery>): Promise<void> {
    return this.consumer.consume(job.data, this.handlers);
  }

  private queue(tidings: Tidings): Effect {
    return (tx) => this.notifications.queue(tx, tidings);
  }
}
