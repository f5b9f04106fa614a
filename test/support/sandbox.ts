import type { JournalEntry } from '../../tools/sandbox/core/journal.js';
import type { Message } from '../../tools/sandbox/core/records.js';

export const STRIPE_KEY = 'sk_test_local_sandbox';

/** As the sandbox takes it: what is to go wrong with which operation of the provider. */
export interface Fault {
  readonly op: string;
  readonly effect: 'dropReply' | 'reset' | 'stored500' | 'status' | 'delay';
  readonly status?: number;
  readonly ms?: number;
  readonly times?: number;
  /** `stored500`: nothing is done. */
  readonly before?: boolean;
  /** `delay`: the reply is held, the work is done. */
  readonly after?: boolean;
}

/** Whatever is not named goes back to normal. */
export interface WebhookMood {
  readonly lose?: number;
  readonly copies?: number;
  readonly shuffle?: boolean;
  readonly delayMs?: number;
  readonly paused?: boolean;
  readonly url?: string;
}

export type ProviderEvent = { id: string; type: string; data: { object: { id: string; payment_intent?: string } } };

const EVENT_PAGES_MAX = 20;

/** The provider's side of the table: its journal, its mailbox, its bad days. */
export class SandboxControls {
  /** What was read of the journal before: it only grows. */
  private readonly known: JournalEntry[] = [];

  constructor(readonly url: string) {}

  async journal(): Promise<readonly JournalEntry[]> {
    const news = await this.ask<JournalEntry[]>('GET', `/_sandbox/journal?after=${this.known.length}`);
    // Two may have asked at the same time; the entries are numbered from 1 without a gap.
    for (const entry of news) if (entry.n > this.known.length) this.known.push(entry);
    return this.known;
  }

  /** Money the provider took, oldest first: what it did, not what anybody was told. */
  async captures(of: { orderId?: string } = {}): Promise<JournalEntry[]> {
    const all = (await this.journal()).filter(({ outcome }) => outcome === 'captured');
    return of.orderId ? all.filter(({ metadata }) => metadata['order_id'] === of.orderId) : all;
  }

  async misbehave(...faults: Fault[]): Promise<void> {
    await this.ask('PUT', '/_sandbox/faults', faults);
  }

  /** How often each armed fault has struck. */
  async hits(): Promise<number[]> {
    return (await this.ask<{ hits: number }[]>('GET', '/_sandbox/faults')).map(({ hits }) => hits);
  }

  /** Lets go of every held request, too. */
  async behave(): Promise<void> {
    await this.ask('DELETE', '/_sandbox/faults');
  }

  async webhooks(mood: WebhookMood): Promise<void> {
    await this.ask('PUT', '/_sandbox/webhooks', mood);
  }

  /** Webhooks on their way. */
  async webhooksWaiting(): Promise<number> {
    return (await this.ask<{ waiting: number }>('GET', '/_sandbox/webhooks')).waiting;
  }

  messages(to?: string): Promise<Message[]> {
    return this.ask<Message[]>('GET', `/_sandbox/messages${to ? `?to=${encodeURIComponent(to)}` : ''}`);
  }

  /** The customer's answer to 3-D Secure. */
  async authenticate(intentId: string, succeed = true): Promise<void> {
    await this.ask('POST', `/_sandbox/payment-intents/${intentId}/authenticate`, { succeed });
  }

  /** The customer's bank takes the money of a charge back. */
  dispute(chargeId: string): Promise<{ id: string }> {
    return this.ask('POST', `/_sandbox/charges/${chargeId}/dispute`);
  }

  /** Hands in evidence; Stripe's test mode decides by its words, `winning_evidence` or `losing_evidence`. */
  async answerDispute(disputeId: string, words: string): Promise<void> {
    const form = new URLSearchParams({ 'evidence[uncategorized_text]': words, submit: 'true' });
    const headers = { authorization: `Bearer ${STRIPE_KEY}` };
    const response = await fetch(`${this.url}/v1/disputes/${disputeId}`, { method: 'POST', headers, body: form });
    if (!response.ok) throw new Error(`${disputeId} answered ${response.status}: ${await response.text()}`);
  }

  /** The provider's own list of events about one object, newest first. */
  async eventsOf(objectId: string): Promise<ProviderEvent[]> {
    const { data } = await this.ask<{ data: ProviderEvent[] }>('GET', '/v1/events?limit=100');
    return data.filter(({ data: { object } }) => object.id === objectId);
  }

  /** The same of everything that concerns one payment, its charges too, oldest first. */
  async eventsAbout(intentId: string): Promise<ProviderEvent[]> {
    const found: ProviderEvent[] = [];
    let after = '';
    for (let page = 0; page < EVENT_PAGES_MAX; page += 1) {
      const { data } = await this.ask<{ data: ProviderEvent[] }>('GET', `/v1/events?limit=100${after}`);
      found.unshift(
        ...data.filter(({ data: { object } }) => [object.id, object.payment_intent].includes(intentId)).reverse(),
      );
      if (found[0]?.type === 'payment_intent.created' || data.length === 0) break;
      after = `&starting_after=${data.at(-1)?.id}`;
    }
    return found;
  }

  /** As from the provider's dashboard. */
  async capture(intentId: string): Promise<void> {
    await this.ask('POST', `/v1/payment_intents/${intentId}/capture`);
  }

  /** Sends an event once more; the status it was answered with. */
  async resend(eventId: string): Promise<number> {
    return (await this.ask<{ status: number }>('POST', `/_sandbox/events/${eventId}/resend`)).status;
  }

  /** Moves the provider's time on: it forgets keys, and reservations lapse. */
  async advanceClock(advanceMs: number): Promise<void> {
    await this.ask('POST', '/_sandbox/clock', { advanceMs });
  }

  /** How the provider sees a payment now. */
  intent(id: string): Promise<{ id: string; status: string }> {
    return this.ask('GET', `/v1/payment_intents/${id}`);
  }

  /** One of its doors, its own or the provider's. */
  async ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${STRIPE_KEY}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    return JSON.parse(text) as T;
  }
}
