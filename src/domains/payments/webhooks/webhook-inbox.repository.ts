import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../../contracts/transaction.js';
import { rowOf } from '../../../platform/database/sql.js';

/** A signed hint that something about an object changed. Nothing in it but these names is believed. */
export interface WebhookHint {
  readonly provider: 'stripe';
  readonly eventId: string;
  readonly type: string;
  readonly objectId: string;
  readonly payload: unknown;
}

const RECEIVE = `INSERT INTO webhook_inbox (provider, event_id, type, object_id, payload) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (provider, event_id) DO UPDATE SET deliveries = webhook_inbox.deliveries + 1
  RETURNING deliveries`;

@Injectable()
export class WebhookInboxRepository {
  /** Stores the hint; true the first time this event arrives. Twins wait on the primary key and are counted. */
  async receive(tx: Transaction, hint: WebhookHint): Promise<boolean> {
    const { provider, eventId, type, objectId, payload } = hint;
    const row = await rowOf<{ deliveries: number }>(tx, RECEIVE, [provider, eventId, type, objectId, payload]);
    return row?.deliveries === 1;
  }
}
