import { MailService } from '@sendgrid/mail';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../../platform/config/config.js';
import { ProviderUnavailable } from '../../../platform/resilience/provider-guard.js';
import { ProviderGuards } from '../../../platform/resilience/provider-guards.js';
import type { Channel, Message, SendOutcome } from './channel.js';
import { isAnswer, outcomeOfAnswer, outcomeOfError } from './sendgrid-answers.js';

/** What the SDK's typings leave out of its service: the client that makes its requests. */
interface WithClient {
  readonly client: { setDefaultRequest(defaults: { baseUrl?: string; signal: AbortSignal }): void };
}

/** How a call that was made ended, and whether SendGrid had a word in it. */
interface Call {
  readonly outcome: SendOutcome;
  readonly isAnswered: boolean;
}

/** A link of ours that logs into an account is nobody's to rewrite or count. */
const UNTRACKED = { clickTracking: { enable: false, enableText: false }, openTracking: { enable: false } };

/** Mail through SendGrid, which knows no idempotency: whoever calls twice has sent two. */
@Injectable()
export class EmailChannel implements Channel {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly guards: ProviderGuards,
  ) {}

  async send(message: Message): Promise<SendOutcome> {
    try {
      const call = () => this.call(message);
      return (await this.guards.for('sendgrid').call(call, ({ isAnswered }) => !isAnswered)).outcome;
    } catch (error) {
      if (!(error instanceof ProviderUnavailable)) throw error;
      const { message: reason, retryAfterMs } = error;
      return { kind: 'refused', isPermanent: false, retryAfterMs, reason };
    }
  }

  private async call({ notification, to, subject, html, text }: Message): Promise<Call> {
    const { id: notificationId, kind, factId } = notification;
    try {
      const [answer] = await this.service().send({
        to,
        from: this.config.MAIL_FROM,
        subject,
        text,
        html,
        headers: { 'X-Purser-Notification': notificationId },
        customArgs: { notificationId, kind, factId },
        trackingSettings: UNTRACKED,
      });
      return { outcome: outcomeOfAnswer(answer), isAnswered: true };
    } catch (error) {
      return { outcome: outcomeOfError(error), isAnswered: isAnswer(error) };
    }
  }

  /** One service per message: only so has each its own deadline; the SDK's `timeout` starts anew with every byte. */
  private service() {
    const { SENDGRID_API_KEY, SENDGRID_API_URL, SENDGRID_TIMEOUT_MS } = this.config;
    const service = new MailService() as MailService & WithClient;
    service.setApiKey(SENDGRID_API_KEY);
    // After the key: setting a key sets SendGrid's own base URL.
    const signal = AbortSignal.timeout(SENDGRID_TIMEOUT_MS);
    service.client.setDefaultRequest(SENDGRID_API_URL ? { baseUrl: SENDGRID_API_URL, signal } : { signal });
    return service;
  }
}
