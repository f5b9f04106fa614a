import { Injectable } from '@nestjs/common';
import type { RecordedEvent } from '../../contracts/domain-events.js';
import { type Effect, GiveUp, Postpone } from '../../platform/events/consumer.js';
import type { SendOutcome } from './channels/channel.js';
import { Channels } from './channels/channels.js';
import { LettersService, type Composed } from './letters.service.js';
import type { Notification } from './notification.entity.js';
import { NotificationsRepository, type Settlement } from './notifications.repository.js';

/** One send whose end nobody knows is made up for by another; after the second a person decides. */
const AMBIGUOUS_SENDS_MAX = 2;

/** Waiting as the provider asked counts no attempt; after a day of it, it does. */
const WAIT_MAX_MS = 86_400_000;

const nothing: Effect = () => Promise.resolve();

@Injectable()
export class SendingService {
  constructor(
    private readonly notifications: NotificationsRepository,
    private readonly letters: LettersService,
    private readonly channels: Channels,
  ) {}

  /**
   * Sends a queued notification; the effect records its end. The call lies between two committed states: `sending`
   * before it, `sent` after it, so a claim that finds `sending` knows that a mail may have gone out.
   * @throws GiveUp after two such sends. An operator's replay starts with `attempt` 1 and so allows one more.
   * @throws Postpone when the provider named a time
   * @throws Error when it was refused for now, or nobody knows
   */
  async send({ payload, ageMs }: RecordedEvent<'notification.queued'>, attempt: number): Promise<Effect> {
    const claim = await this.notifications.claim(payload.notificationId);
    if (!claim) return nothing;
    const { notification, isAmbiguous } = claim;
    if (isAmbiguous && notification.ambiguousSends >= AMBIGUOUS_SENDS_MAX && attempt > 1) {
      throw new GiveUp(`it may have been sent before, ${notification.ambiguousSends} times nobody knows`);
    }
    const composed = await this.compose(notification);
    if (composed.kind === 'moot') return this.ends(notification, { status: 'rejected', reason: composed.reason });
    const outcome = await this.channels.for(notification.channel).send({ ...composed.letter, notification });
    return this.conclude(notification, outcome, ageMs);
  }

  /** Nothing was sent yet, so a failure here must not look like a send of unknown end. */
  private async compose(notification: Notification): Promise<Composed> {
    try {
      return await this.letters.compose(notification);
    } catch (error) {
      await this.notifications.release(notification, 'the letter could not be composed');
      throw error;
    }
  }

  private async conclude(notification: Notification, outcome: SendOutcome, ageMs: number): Promise<Effect> {
    switch (outcome.kind) {
      case 'accepted':
        return this.ends(notification, { status: 'sent', providerMessageId: outcome.messageId });
      case 'unknown':
        throw new Error(outcome.reason);
      case 'refused': {
        const { isPermanent, retryAfterMs, reason } = outcome;
        if (isPermanent) return this.ends(notification, { status: 'rejected', reason });
        await this.notifications.release(notification, reason);
        const isWorthWaiting = retryAfterMs !== null && ageMs < WAIT_MAX_MS;
        throw isWorthWaiting ? new Postpone(retryAfterMs) : new Error(reason);
      }
    }
  }

  private ends(notification: Notification, settlement: Settlement): Effect {
    return (tx) => this.notifications.settle(tx, notification, settlement);
  }
}
