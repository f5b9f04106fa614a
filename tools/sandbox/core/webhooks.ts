import { createHmac } from 'node:crypto';
import { Agent, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { newSeed, seeded } from './random.js';

const TIMEOUT_MS = 10_000;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 30_000;
const TRIES = 20;
const IN_FLIGHT = 64;
/** How long `shuffle` may hold an event back. */
const SHUFFLE_MS = 400;

export interface WebhookSettings {
  url: string | null;
  /** Probability that an event is never sent; it stays in the list of events and can be resent. */
  lose: number;
  copies: number;
  shuffle: boolean;
  delayMs: number;
  paused: boolean;
}

export const PLAIN: Omit<WebhookSettings, 'url'> = { lose: 0, copies: 1, shuffle: false, delayMs: 0, paused: false };

/** Where the payloads lie, and who wants to know that one has arrived or is given up. */
export interface Outbox {
  payload(eventId: string): string | undefined;
  close(eventId: string): void;
}

interface Job {
  eventId: string;
  tries: number;
}

/** Sends events as the provider does: signed, in no promised order, again and again until somebody says 2xx. */
export class Webhooks {
  settings: WebhookSettings;
  readonly seed = newSeed();
  readonly counts = { sent: 0, delivered: 0, refused: 0, givenUp: 0, lost: 0 };
  private readonly roll = seeded(this.seed);
  private readonly agent = new Agent({ keepAlive: true, maxSockets: IN_FLIGHT });
  private readonly timers = new Set<NodeJS.Timeout>();
  private ready: Job[] = [];
  private inFlight = 0;
  private isClosed = false;

  constructor(
    private readonly secret: string,
    private readonly outbox: Outbox,
    url: string | null,
  ) {
    this.settings = { ...PLAIN, url };
  }

  /** Decided when an event happens: is there anybody to tell, and will it get lost on the way? */
  takes(): boolean {
    if (this.settings.url === null) return false;
    if (this.settings.lose === 0 || this.roll() >= this.settings.lose) return true;
    this.counts.lost += 1;
    return false;
  }

  enqueue(eventIds: readonly string[]): void {
    const { copies, shuffle, delayMs } = this.settings;
    for (const eventId of eventIds) {
      for (let copy = 0; copy < copies; copy += 1) {
        this.schedule({ eventId, tries: 0 }, delayMs + (shuffle ? this.roll() * SHUFFLE_MS : 0));
      }
    }
  }

  change(settings: WebhookSettings): void {
    this.settings = settings;
    this.pump();
  }

  get waiting(): number {
    return this.ready.length + this.timers.size + this.inFlight;
  }

  /** Sends one event now and once, whatever the settings say, and answers the status it got (0: nobody there). */
  async resend(eventId: string): Promise<number> {
    const payload = this.outbox.payload(eventId);
    if (payload === undefined || this.settings.url === null) return 0;
    const status = await this.post(this.settings.url, payload);
    if (isAccepted(status)) this.outbox.close(eventId);
    return status;
  }

  forget(): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
    this.ready = [];
  }

  close(): void {
    this.isClosed = true;
    this.forget();
    this.agent.destroy();
  }

  private schedule(job: Job, delayMs: number): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      this.ready.push(job);
      this.pump();
    }, delayMs);
    this.timers.add(timer);
  }

  private pump(): void {
    while (!this.isClosed && !this.settings.paused && this.inFlight < IN_FLIGHT) {
      const job = this.ready.shift();
      if (!job) return;
      this.inFlight += 1;
      void this.attempt(job).finally(() => {
        this.inFlight -= 1;
        this.pump();
      });
    }
  }

  private async attempt(job: Job): Promise<void> {
    const payload = this.outbox.payload(job.eventId);
    if (payload === undefined || this.settings.url === null) return;
    const status = await this.post(this.settings.url, payload);
    if (this.isClosed) return;
    if (isAccepted(status)) {
      this.counts.delivered += 1;
      this.outbox.close(job.eventId);
      return;
    }
    this.counts.refused += 1;
    if (job.tries + 1 >= TRIES) {
      this.counts.givenUp += 1;
      this.outbox.close(job.eventId);
      return;
    }
    const wait = Math.min(FIRST_RETRY_MS * 2 ** job.tries, LONGEST_RETRY_MS);
    this.schedule({ eventId: job.eventId, tries: job.tries + 1 }, wait);
  }

  private async post(url: string, payload: string): Promise<number> {
    this.counts.sent += 1;
    const headers = {
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(payload),
      'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
      'stripe-signature': signature(payload, this.secret),
    };
    const isPlain = url.startsWith('http:');
    const options = { method: 'POST', headers, timeout: TIMEOUT_MS, ...(isPlain ? { agent: this.agent } : {}) };
    return new Promise((resolve) => {
      const request = (isPlain ? httpRequest : httpsRequest)(url, options, (response) => {
        response.resume();
        response.on('close', () => resolve(response.complete ? (response.statusCode ?? 0) : 0));
      });
      request.on('timeout', () => request.destroy());
      request.on('error', () => resolve(0));
      request.end(payload);
    });
  }
}

/** Stripe's scheme: HMAC-SHA256 of `<time>.<body>`, by the machine's clock, since receivers compare it with theirs. */
export function signature(payload: string, secret: string): string {
  const time = Math.floor(Date.now() / 1000);
  const mac = createHmac('sha256', secret).update(`${time}.${payload}`).digest('hex');
  return `t=${time},v1=${mac}`;
}

function isAccepted(status: number): boolean {
  return status >= 200 && status < 300;
}
