import { randomUUID } from 'node:crypto';

/** As long as a careful client goes on asking: a minute, and the time of the answers. */
const ATTEMPTS_MAX = 400;
const PAUSE_MS = 150;

/** The fields of views and problems that stories read. Which of them are there depends on the reply. */
export interface ReplyBody {
  readonly id: string;
  readonly orderId: string;
  readonly status: string;
  readonly amount: number;
  readonly currency: string;
  readonly totalAmount: number;
  readonly expiresAt: string;
  readonly available: number;
  readonly nextAction: { type: string; url?: string; clientSecret?: string } | null;
  readonly accessToken: string;
  readonly data: readonly (ReplyBody & { readonly event: string; readonly facts: Record<string, unknown> })[];
  readonly code: string;
  readonly detail: string;
  readonly declineCode: string;
  readonly errors?: readonly { pointer: string; detail: string }[];
}

export interface Reply {
  /** 0 when the connection broke before there was an answer. */
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: ReplyBody;
}

export interface Asked {
  readonly body?: unknown;
  /** Sent as it is, instead of `body`. */
  readonly raw?: string;
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Which of the web processes; the first by default. */
  readonly web?: number;
}

export interface Payment extends Asked {
  readonly card?: string;
  /** Where 3-D Secure sends the customer back to. */
  readonly returnUrl?: string;
}

export interface WantedItem {
  readonly productId: string;
  readonly quantity: number;
}

/** Long enough for the product, which counts 16 to 255 characters. */
export function newKey(): string {
  return randomUUID();
}

/** A program that buys over HTTP: somebody with a token, or nobody. */
export class Client {
  constructor(
    private readonly webs: readonly string[],
    private readonly token?: string,
  ) {}

  /** The same somebody at other addresses. */
  at(webs: readonly string[]): Client {
    return new Client(webs, this.token);
  }

  get(path: string, asked: Asked = {}): Promise<Reply> {
    return this.request('GET', path, asked);
  }

  post(path: string, asked: Asked = {}): Promise<Reply> {
    return this.request('POST', path, asked);
  }

  async request(method: string, path: string, asked: Asked = {}): Promise<Reply> {
    const { body, raw, key, headers, web = 0 } = asked;
    const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    try {
      const response = await fetch(`${this.webs[web]}${path}`, {
        method,
        headers: {
          ...(this.token ? { authorization: `Bearer ${this.token}` } : {}),
          ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
          ...(key ? { 'idempotency-key': key } : {}),
          ...headers,
        },
        ...(payload === undefined ? {} : { body: payload }),
      });
      const text = await response.text();
      return { status: response.status, headers: response.headers, text, body: parsed(text) };
    } catch {
      return { status: 0, headers: new Headers(), text: '', body: parsed('') };
    }
  }

  /** The order, which is placed: anything else is a failure of the test. */
  async place(items: readonly WantedItem[]): Promise<ReplyBody> {
    const reply = await this.tryToPlace(items);
    return expectStatus(reply, 201).body;
  }

  tryToPlace(items: readonly WantedItem[], asked: Asked = {}): Promise<Reply> {
    return this.post('/v1/orders', { key: newKey(), body: { items }, ...asked });
  }

  pay(orderId: string, { card = 'pm_card_visa', returnUrl, ...asked }: Payment = {}): Promise<Reply> {
    const body = { paymentMethod: 'card', paymentMethodId: card, ...(returnUrl ? { returnUrl } : {}) };
    return this.post(`/v1/orders/${orderId}/payments`, { key: newKey(), body, ...asked });
  }

  /** As a careful client does it: the same key again while the outcome is not known, or nobody answers. */
  payUntilFinal(orderId: string, asked: Payment & { key: string }): Promise<Reply[]> {
    return untilFinal((attempt) => this.pay(orderId, { web: attempt % this.webs.length, ...asked }));
  }
}

/** Asks again until the answer is final; every answer there was, the final one last. */
export async function untilFinal(ask: (attempt: number) => Promise<Reply>): Promise<Reply[]> {
  const replies: Reply[] = [];
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const reply = await ask(attempt);
    replies.push(reply);
    if (![0, 202, 503].includes(reply.status) && reply.body.code !== 'request-in-progress') return replies;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  throw new Error(`There was no final answer: ${replies.at(-1)?.text}`);
}

export function expectStatus(reply: Reply, status: number): Reply {
  if (reply.status !== status) throw new Error(`Expected ${status}, got ${reply.status}: ${reply.text}`);
  return reply;
}

function parsed(text: string): ReplyBody {
  return (text.startsWith('{') ? JSON.parse(text) : {}) as ReplyBody;
}
