import { AsyncLocalStorage } from 'node:async_hooks';

export interface Answer {
  readonly status: number;
  readonly body: object;
}

/** A request on its way: the provider may not have seen it yet, and the shop may not wait for it any more. */
export interface Call {
  readonly method: string;
  readonly path: string;
  readonly parameters: URLSearchParams;
  readonly key: string | null;
  /** Of a list, the payment somebody looks for in it: no parameter says so. */
  readonly lookedFor: string | undefined;
  answer: Answer | null;
  /** Null once the shop has been answered, or has stopped waiting. */
  shop: { resolve(response: Response): void; reject(error: Error): void } | null;
}

/** Who reads a list, and for which payment. */
export const lookingFor = new AsyncLocalStorage<string>();

const FROM = 'created[gte]';
const TROUBLE: Answer = { status: 503, body: { error: { type: 'api_error', message: 'try later' } } };

/**
 * The line to a provider that stores its answers under idempotency keys. It does nothing by itself: whoever holds it
 * decides when a request arrives, whether its answer comes back, and in which order.
 */
export abstract class Wire {
  /** In the order they were sent. */
  calls: Call[] = [];
  /** Answers at once, as on a good day. */
  isPrompt = false;
  onArrival: () => void = () => undefined;
  onAnswer: () => void = () => undefined;
  private readonly answered = new Map<string, Answer>();
  private serial = 0;

  /** What Stripe's SDK calls instead of the network. */
  readonly fetch = (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const url = new URL(input instanceof Request ? input.url : input);
    const body = typeof init.body === 'string' ? init.body : '';
    const method = init.method ?? 'GET';
    const parameters = method === 'GET' ? url.searchParams : new URLSearchParams(body);
    const key = new Headers(init.headers).get('idempotency-key');
    return new Promise((resolve, reject) => {
      const request = { method, path: url.pathname, parameters, key, lookedFor: lookingFor.getStore() };
      const call: Call = { ...request, answer: null, shop: { resolve, reject } };
      this.calls.push(call);
      this.onArrival();
      if (this.isPrompt) this.reply(call);
    });
  };

  /** The request arrives; its answer waits. */
  work(call: Call): void {
    const stored = call.key === null ? undefined : this.answered.get(call.key);
    call.answer ??= stored ?? this.answerTo(call);
    if (call.key !== null) this.answered.set(call.key, call.answer);
    this.tidy();
  }

  /** The answer reaches the shop. */
  reply(call: Call): void {
    this.work(call);
    const { answer, shop } = call;
    if (!answer || !shop) return;
    this.remember(call, answer);
    this.letGo(call, () => shop.resolve(this.responseOf(answer)));
  }

  /** The shop stops waiting. A request that did not arrive yet goes on travelling. */
  lose(call: Call): void {
    const { shop } = call;
    this.letGo(call, () => shop?.reject(new Error('socket hang up')));
  }

  /** An answer that decides nothing. What did not arrive before is not done. */
  fail(call: Call): void {
    const { shop } = call;
    call.answer ??= TROUBLE;
    this.letGo(call, () => shop?.resolve(this.responseOf(TROUBLE)));
  }

  /** What is being asked about the past is asked about an earlier one. */
  age(seconds: number): void {
    for (const { parameters } of this.calls) {
      const from = parameters.get(FROM);
      if (from !== null) parameters.set(FROM, String(Number(from) - seconds));
    }
  }

  protected fromOf({ parameters }: Call): number {
    return Number(parameters.get(FROM) ?? 0);
  }

  protected abstract answerTo(call: Call): Answer;
  protected abstract remember(call: Call, answer: Answer): void;

  private letGo(call: Call, answer: () => void): void {
    if (!call.shop) return;
    call.shop = null;
    this.tidy();
    this.onAnswer();
    answer();
  }

  /** A call is over when the provider has worked on it and nobody waits. */
  private tidy(): void {
    this.calls = this.calls.filter(({ answer, shop }) => answer === null || shop !== null);
  }

  private responseOf({ status, body }: Answer): Response {
    const headers = { 'content-type': 'application/json', 'request-id': `req_${++this.serial}` };
    return new Response(JSON.stringify(body), { status, headers });
  }
}
