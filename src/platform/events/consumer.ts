import { Inject, Injectable } from '@nestjs/common';
import { SUBSCRIBERS, type EventName, type RecordedEvent, type Subscriber } from '../../contracts/domain-events.js';
import type { Transaction } from '../../contracts/transaction.js';
import { CONFIG, type Config } from '../config/config.js';
import { Transactions } from '../database/transactions.js';
import { Alarms } from '../telemetry/alarms.js';
import { Log } from '../telemetry/log.js';
import { runInContext } from '../telemetry/request-context.js';
import { DeliveriesRepository, type Claim, type DispatchedDelivery } from './deliveries.repository.js';

/** What a handler leaves to be done in the transaction that closes its delivery. */
export type Effect = (tx: Transaction) => Promise<void>;

/**
 * Hears one event: calls foreign services if it must, then returns the effect. It may be called again for the same
 * event (a crash, a lost reply); the effect it returns is committed once. `attempt` counts the claims from 1, and anew
 * when an operator had a parked delivery replayed.
 */
export type Handler<N extends EventName> = (event: RecordedEvent<N>, attempt: number) => Promise<Effect> | Effect;

/** The events a subscriber has to know. */
export type HeardBy<S extends Subscriber> = {
  [N in EventName]: S extends (typeof SUBSCRIBERS)[N][number] ? N : never;
}[EventName];

/** One handler per event: an event without one does not compile. */
export type Handlers<S extends Subscriber> = { readonly [N in HeardBy<S>]: Handler<N> };

/** Thrown by a handler that knows that trying again is of no use: the delivery is parked at once. */
export class GiveUp extends Error {}

/** Thrown by a handler whose time has not come: the delivery waits without an attempt being counted. */
export class Postpone extends Error {
  constructor(readonly pauseMs: number) {
    super(`postponed by ${pauseMs} ms`);
  }
}

const PAUSE_MAX_MS = 60_000;

@Injectable()
export class Consumer {
  constructor(
    private readonly deliveries: DeliveriesRepository,
    private readonly transactions: Transactions,
    private readonly alarms: Alarms,
    private readonly log: Log,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * Claims the delivery, lets its handler work, and commits "closed" and the effect together. Never throws: what went
   * wrong is written to the delivery, and PostgreSQL decides when it is tried again.
   */
  async consume<S extends Subscriber>(dispatched: DispatchedDelivery, handlers: Handlers<S>): Promise<void> {
    const claim = await this.deliveries.claim(dispatched);
    if (!claim) return;
    const { DELIVERY_ATTEMPTS_MAX, DELIVERY_DEATHS_MAX } = this.config;
    await runInContext({ requestId: claim.event.requestId ?? claim.event.id }, async () => {
      if (claim.deaths >= DELIVERY_DEATHS_MAX || claim.attempts > DELIVERY_ATTEMPTS_MAX) {
        await this.park(claim, `took ${claim.deaths} workers down in ${claim.attempts} attempts`);
        return;
      }
      await this.work(claim, handlers);
    });
  }

  private async work<S extends Subscriber>(claim: Claim, handlers: Handlers<S>): Promise<void> {
    const renewal = setInterval(() => void this.renew(claim), this.config.DELIVERY_LEASE_MS / 3);
    try {
      const handler = (handlers as Partial<Record<EventName, Handler<EventName>>>)[claim.event.name];
      if (!handler) throw new GiveUp(`${claim.subscriber} does not know ${claim.event.name}`);
      const effect = await handler(claim.event, claim.attempts);
      await this.transactions.run(async (tx) => {
        // Effect first, then DELETE, ran the effect twice when two claims overlapped; DELETE first runs it once.
        if (!(await this.deliveries.close(tx, claim))) throw new ClaimLost();
        await effect(tx);
      });
    } catch (error) {
      if (error instanceof Postpone) await this.deliveries.postpone(claim, error.pauseMs);
      else if (!(error instanceof ClaimLost)) await this.fail(claim, error);
    } finally {
      clearInterval(renewal);
    }
  }

  private async fail(claim: Claim, error: unknown): Promise<void> {
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    const { eventId, subscriber, attempts } = { eventId: claim.event.id, ...claim };
    this.log.warn({ message: `${claim.event.name} failed`, eventId, subscriber, attempts, error });
    if (error instanceof GiveUp || attempts >= this.config.DELIVERY_ATTEMPTS_MAX) {
      await this.park(claim, reason);
      return;
    }
    const pauseMs = Math.min(this.config.DELIVERY_BACKOFF_MS * 2 ** (attempts - 1), PAUSE_MAX_MS);
    await this.deliveries.fail(claim, { reason, pauseMs: pauseMs * (0.75 + Math.random() / 2), parked: false });
  }

  /** Parked work stays visible and replayable; nothing tries it again by itself. */
  private async park(claim: Claim, reason: string): Promise<void> {
    await this.deliveries.fail(claim, { reason, pauseMs: 0, parked: true });
    const { event, subscriber, attempts, deaths } = claim;
    this.alarms.raise('delivery-parked', {
      eventId: event.id,
      event: event.name,
      subscriber,
      attempts,
      deaths,
      reason,
    });
  }

  private async renew(claim: Claim): Promise<void> {
    try {
      await this.deliveries.renew(claim);
    } catch (error) {
      this.log.warn({ message: 'a lease was not renewed', eventId: claim.event.id, error });
    }
  }
}

/** Another claim took over: whatever this one did is rolled back, and nobody hears of it. */
class ClaimLost extends Error {}
