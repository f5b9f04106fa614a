import { Injectable } from '@nestjs/common';
import type Stripe from 'stripe';
import { Transactions } from '../../../platform/database/transactions.js';
import { Alarms } from '../../../platform/telemetry/alarms.js';
import { MissedEventsRepository } from './missed-events.repository.js';
import { StripeEvents } from './stripe-events.js';
import { hintOf } from './webhook-hint.js';
import { WebhookInboxRepository } from './webhook-inbox.repository.js';
import { WebhookLookups } from './webhook-lookups.js';

/** Read twice, so that clocks that differ and events that are listed late leave no gap. */
const OVERLAP_MS = 600_000;
/** https://docs.stripe.com/api/events: Stripe keeps them for 30 days. */
const KEPT_MS = 30 * 86_400_000;

/** Asks Stripe what it has told us, and takes into the inbox whatever did not arrive, as if it had. */
@Injectable()
export class MissedEventsService {
  constructor(
    private readonly transactions: Transactions,
    private readonly missed: MissedEventsRepository,
    private readonly events: StripeEvents,
    private readonly inbox: WebhookInboxRepository,
    private readonly lookups: WebhookLookups,
    private readonly alarms: Alarms,
  ) {}

  /**
   * Reads on from where the last reading began, one page at a time; how many events were missing, or null when somebody
   * has looked just now. A reading that breaks off is done again from its beginning, and finds less.
   */
  async lookForMissed(): Promise<number | null> {
    const turn = await this.transactions.run((tx) => this.missed.take(tx));
    if (!turn) return null;
    const kept = turn.startedAt.getTime() - KEPT_MS;
    if (turn.seenTo.getTime() < kept) this.alarms.raise('webhook-gap', { seenTo: turn.seenTo.toISOString() });
    const from = new Date(Math.max(turn.seenTo.getTime() - OVERLAP_MS, kept));
    let found = 0;
    for await (const page of this.events.since(from)) found += await this.take(page);
    await this.transactions.run((tx) => this.missed.advance(tx, turn.startedAt));
    return found;
  }

  /** Only what somebody would look up: the account may tell of much else. */
  private async take(page: readonly Stripe.Event[]): Promise<number> {
    const heard = page.filter(({ type }) => this.lookups.of(type));
    const known = await this.missed.known(heard.map(({ id }) => id));
    const unknown = heard.filter(({ id }) => !known.has(id));
    for (const event of unknown) await this.inbox.receive(hintOf(event));
    return unknown.length;
  }
}
