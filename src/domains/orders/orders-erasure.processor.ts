import { Process, Processor } from '@nestjs/bull';
import type { Job } from 'bull';
import { Consumer, type Handlers } from '../../platform/events/consumer.js';
import type { DispatchedDelivery } from '../../platform/events/deliveries.repository.js';
import { PersonalOrdersRepository } from './personal-orders.repository.js';

/** When somebody is erased, their orders stay as they were, without their words. */
@Processor('orders-erasure')
export class OrdersErasureProcessor {
  private readonly handlers: Handlers<'orders-erasure'> = {
    'user.erased':
      ({ payload: { userId } }) =>
      (tx) =>
        this.orders.erase(tx, userId),
  };

  constructor(
    private readonly consumer: Consumer,
    private readonly orders: PersonalOrdersRepository,
  ) {}

  @Process()
  hear(job: Job<DispatchedDelivery>): Promise<void> {
    return this.consumer.consume(job.data, this.handlers);
  }
}
