import { Process, Processor } from '@nestjs/bull';
import type { Job } from 'bull';
import { Consumer, type Effect, type Handlers } from '../../platform/events/consumer.js';
import type { DispatchedDelivery } from '../../platform/events/deliveries.repository.js';
import { CONCURRENCY } from '../../platform/queue/queues.js';
import type { NotificationKind } from './notification.entity.js';
import { NotificationsRepository, type Tidings } from './notifications.repository.js';
import { PersonalNotificationsRepository } from './personal-notifications.repository.js';

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
    'user.reset-requested': ({ id, payload: { userId } }) => this.tell(id, userId, 'reset-password'),
    'user.password-changed': ({ id, payload: { userId } }) => this.tell(id, userId, 'password-changed'),
    'user.address-change-requested': ({ id, payload: { userId } }) =>
      this.tell(id, userId, 'address-change-asked', 'confirm-address'),
    'user.mfa-enabled': ({ id, payload: { userId } }) => this.tell(id, userId, 'mfa-enabled'),
    'user.mfa-disabled': ({ id, payload: { userId } }) => this.tell(id, userId, 'mfa-disabled'),
    'user.logins-throttled': ({ id, payload: { userId } }) => this.tell(id, userId, 'too-many-logins'),
    'user.export-requested': ({ id, payload: { userId } }) => this.tell(id, userId, 'data-export'),
    'user.erased':
      ({ payload: { userId } }) =>
      (tx) =>
        this.personal.erase(tx, userId),
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
    private readonly personal: PersonalNotificationsRepository,
  ) {}

  @Process({ concurrency: CONCURRENCY })
  hear(job: Job<DispatchedDelivery>): Promise<void> {
    return this.consumer.consume(job.data, this.handlers);
  }

  /** What one event has somebody told about their account; nobody, where the event is about an address nobody has. */
  private tell(eventId: string, userId: string | null, ...kinds: readonly NotificationKind[]): Effect {
    return async (tx) => {
      if (userId === null) return;
      for (const kind of kinds) await this.notifications.queue(tx, { kind, factId: eventId, userId, orderId: null });
    };
  }

  private queue(tidings: Tidings): Effect {
    return (tx) => this.notifications.queue(tx, tidings);
  }
}
