import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { prepared } from '../../../platform/database/statements.js';
import { eventFacts } from '../../../platform/events/events.js';
import { familyOf } from './webhook-families.js';

/** A signed hint that something about an object changed. Nothing in it but these names is believed. */
export interface WebhookHint {
  readonly provider: 'stripe';
  readonly eventId: string;
  readonly type: string;
  readonly objectId: string;
  readonly payload: unknown;
}

/**
 * The hint and its event in one statement. A twin waits on the primary key, is counted, and appends nothing; nor
 * does one that comes again after its row was forgotten.
 */
const RECEIVE = prepared(
  'webhook_inbox.receive',
  `WITH received AS (
     INSERT INTO webhook_inbox (provider, event_id, type, object_id, payload) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (provider, event_id) DO UPDATE SET deliveries = webhook_inbox.deliveries + 1
     RETURNING deliveries
   )
   SELECT append_event($6, 'inbox-' || $1 || '-' || $2, 1, NULL, 'webhook.received', $7, $8, $9)::text AS appended
     FROM received WHERE deliveries = 1
      AND NOT EXISTS (SELECT FROM events WHERE stream = 'inbox-' || $1 || '-' || $2 AND version = 1)`,
);

@Injectable()
export class WebhookInboxRepository {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Stores the hint and, the first time it arrives, the event that makes somebody look, where there is anything to look
   * at. The one statement is its own transaction: BEGIN and COMMIT around it would hold the connection for three round
   * trips instead of one, and a storm of events is turned away when connections run out.
   */
  async receive(hint: WebhookHint): Promise<void> {
    const { provider, eventId, type, objectId, payload } = hint;
    const event = eventFacts('webhook.received', { provider, eventId, type, objectId });
    const subscribers = familyOf(type) ? event.subscribers : [];
    const facts = [event.id, event.payload, event.metadata, subscribers];
    await this.dataSource.query(RECEIVE, [provider, eventId, type, objectId, payload, ...facts]);
  }
}
