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
import { WebhookSiblingsRepository } from './webhook-siblings.repository.js';

const ORPHAN_PAUSE_MS = 30_000;
/** How long a webhook waits for another about the same object that is being looked up. */
const SIBLING_PAUSE_MS = 1_000;

@Processor('webhooks')
export class WebhooksProcessor {
  private readonly handlers: Handlers<'webhooks'> = { 'webhook.received': (event) => this.settle(event) };

  constructor(
    private readonly consumer: Consumer,
    private readonly lookups: WebhookLookups,
    private readonly siblings: WebhookSiblingsRepository,
    private readonly alarms: Alarms,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Process({ concurrency: CONCURRENCY })
  hear(job: Job<DispatchedDelivery>): Promise<void> {
    return this.consumer.consume(job.data, this.handlers);
  }

  /**
   * One look-up serves every webhook about the same object that was recorded before it began: they are closed with this
   * one. Settling is idempotent, so it need not wait for the transaction that closes them.
   */
  private async settle({ id, payload, ageMs }: RecordedEvent<'webhook.received'>): Promise<Effect> {
    const { eventId, objectId, provider, type } = payload;
    const lookup = this.lookups.of(type);
    if (!lookup || (await lookup.isSettled?.(objectId))) return () => Promise.resolve();
    const all = await this.siblings.of({ provider, objectId, eventId: id });
    const siblings = all.filter((sibling) => this.lookups.of(sibling.type) === lookup);
    if (siblings.some(({ isAhead }) => isAhead)) throw new Postpone(SIBLING_PAUSE_MS);
    const isOurs = await lookup.settle(objectId);
    if (!isOurs && ageMs < this.config.WEBHOOK_ORPHAN_AFTER_MS) throw new Postpone(ORPHAN_PAUSE_MS);
    if (!isOurs) this.alarms.raise('webhook-orphan', { eventId, objectId });
    return (tx) => this.siblings.close(tx, siblings);
  }
}
