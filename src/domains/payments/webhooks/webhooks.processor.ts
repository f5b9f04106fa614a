import { Process, Processor } from '@nestjs/bull';
import { Inject } from '@nestjs/common';
import type { Job } from 'bull';
import type { RecordedEvent } from '../../../contracts/domain-events.js';
import { CONFIG, type Config } from '../../../platform/config/config.js';
import { Consumer, type Effect, type Handlers, Postpone } from '../../../platform/events/consumer.js';
import type { DispatchedDelivery } from '../../../platform/events/deliveries.repository.js';
import { CONCURRENCY } from '../../../platform/queue/queues.js';
import { Alarms } from '../../../platform/telemetry/alarms.js';
import { WebhookLookups } from './webhook-lookups.js';

const ORPHAN_PAUSE_MS = 30_000;

@Processor('webhooks')
export class WebhooksProcessor {
  private readonly handlers: Handlers<'webhooks'> = { 'webhook.received': (event) => this.settle(event) };

  constructor(
    private readonly consumer: Consumer,
    private readonly lookups: WebhookLookups,
    private readonly alarms: Alarms,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Process({ concurrency: CONCURRENCY })
  hear(job: Job<DispatchedDelivery>): Promise<void> {
    return this.consumer.consume(job.data, this.handlers);
  }

  /** Settling is idempotent, so it need not wait for the transaction that closes the delivery. */
  private async settle({ payload, ageMs }: RecordedEvent<'webhook.received'>): Promise<Effect> {
    const lookup = this.lookups.of(payload.type);
    if (lookup) {
      const isOurs = await lookup.settle(payload.objectId);
      if (!isOurs && ageMs < this.config.WEBHOOK_ORPHAN_AFTER_MS) throw new Postpone(ORPHAN_PAUSE_MS);
      if (!isOurs) this.alarms.raise('webhook-orphan', { eventId: payload.eventId, objectId: payload.objectId });
    }
    return () => Promise.resolve();
  }
}
