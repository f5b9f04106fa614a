import { getQueueToken } from '@nestjs/bull';
import type { Queue } from 'bull';
import { SUBSCRIBER_NAMES, type Subscriber } from '../../contracts/domain-events.js';
import type { DispatchedDelivery } from '../events/deliveries.repository.js';

export type DeliveryQueue = Queue<DispatchedDelivery>;
export type DeliveryQueues = Readonly<Record<Subscriber, DeliveryQueue>>;

/** Of everything Bull keeps in Redis. */
export const QUEUE_PREFIX = 'purser';

/** Injection token of {@link DeliveryQueues}. */
export const DELIVERY_QUEUES = Symbol('DELIVERY_QUEUES');

/** Deliveries one worker handles at a time, per subscriber; times subscribers stays below the connection pool. */
export const CONCURRENCY = 2;

export const deliveryQueuesProvider = {
  provide: DELIVERY_QUEUES,
  inject: SUBSCRIBER_NAMES.map((name) => getQueueToken(name)),
  useFactory: (...queues: DeliveryQueue[]): DeliveryQueues =>
    Object.fromEntries(SUBSCRIBER_NAMES.map((name, index) => [name, queues[index]])) as DeliveryQueues,
};
