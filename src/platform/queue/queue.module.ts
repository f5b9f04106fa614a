import { BullModule } from '@nestjs/bull';
import { Global, Module } from '@nestjs/common';
import { SUBSCRIBER_NAMES } from '../../contracts/domain-events.js';
import { CONFIG, type Config } from '../config/config.js';
import { Consumer } from '../events/consumer.js';
import { Dispatcher } from './dispatcher.js';
import { deliveryQueuesProvider, QUEUE_PREFIX } from './queues.js';

/**
 * Bull makes work happen soon; PostgreSQL decides what work there is and when it is tried again. So Bull's own retries
 * and stall restarts are off (two retry systems multiply), and a finished or failed job leaves nothing behind.
 */
@Global()
@Module({
  imports: [
    BullModule.forRootAsync({
      inject: [CONFIG],
      useFactory: (config: Config) => ({
        url: config.REDIS_URL,
        prefix: QUEUE_PREFIX,
        settings: { lockDuration: 30_000, maxStalledCount: 0 },
        defaultJobOptions: { attempts: 1, removeOnComplete: true, removeOnFail: true },
      }),
    }),
    ...SUBSCRIBER_NAMES.map((name) => BullModule.registerQueue({ name })),
  ],
  providers: [deliveryQueuesProvider, Consumer, Dispatcher],
  exports: [Consumer, deliveryQueuesProvider],
})
export class QueueModule {}
