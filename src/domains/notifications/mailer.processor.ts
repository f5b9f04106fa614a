import { Process, Processor } from '@nestjs/bull';
import type { Job } from 'bull';
import { Consumer, type Handlers } from '../../platform/events/consumer.js';
import type { DispatchedDelivery } from '../../platform/events/deliveries.repository.js';
import { CONCURRENCY } from '../../platform/queue/queues.js';
import { SendingService } from './sending.service.js';

@Processor('mailer')
export class MailerProcessor {
  private readonly handlers: Handlers<'mailer'> = {
    'notification.queued': (event, attempt) => this.sending.send(event, attempt),
  };

  constructor(
    private readonly consumer: Consumer,
    private readonly sending: SendingService,
  ) {}

  @Process({ concurrency: CONCURRENCY })
  hear(job: Job<DispatchedDelivery>): Promise<void> {
    return this.consumer.consume(job.data, this.handlers);
  }
}
