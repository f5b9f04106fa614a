import { Process, Processor } from '@nestjs/bull';
import type { Job } from 'bull';
import { Consumer, type Effect, type Handlers } from '../../../platform/events/consumer.js';
import type { DispatchedDelivery } from '../../../platform/events/deliveries.repository.js';
import { Events } from '../../../platform/events/events.js';
import { Alarms } from '../../../platform/telemetry/alarms.js';
import { alarmAbout, ReconcilerService } from './reconciler.service.js';
import { ReconciliationsRepository } from './reconciliations.repository.js';

@Processor('reconciliation')
export class ReconciliationProcessor {
  private readonly handlers: Handlers<'reconciliation'> = {
    'reconciliation.requested': ({ payload }) => this.reconcile(payload.reconciliationId),
  };

  constructor(
    private readonly consumer: Consumer,
    private readonly reconciler: ReconcilerService,
    private readonly runs: ReconciliationsRepository,
    private readonly events: Events,
    private readonly alarms: Alarms,
  ) {}

  /** One at a time, and for as long as it takes: the consumer renews the lease meanwhile. */
  @Process({ concurrency: 1 })
  hear(job: Job<DispatchedDelivery>): Promise<void> {
    return this.consumer.consume(job.data, this.handlers);
  }

  private async reconcile(reconciliationId: string): Promise<Effect> {
    const result = await this.reconciler.reconcile(reconciliationId);
    if (!result) return () => Promise.resolve();
    alarmAbout(this.alarms, reconciliationId, result);
    const stream = `reconciliation-${reconciliationId}`;
    return async (tx) => {
      await this.runs.complete(tx, reconciliationId, result);
      const payload = { reconciliationId };
      await this.events.append(tx, { name: 'reconciliation.completed', stream, version: 2, payload });
    };
  }
}
