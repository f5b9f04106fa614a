import type { Json, JsonObject } from '../core/json.js';
import type { Judge, Remark } from './judge.js';
import type { Schema, StripeDocument } from './document.js';

const WAIT_MS = 20_000;
const LOOK_EVERY_MS = 20;

type Parameters = Readonly<Record<string, string | number | boolean>>;

/** Asks the sandbox as any HTTP client would, and holds every answer against what Stripe publishes for that operation. */
export class Asking {
  readonly remarks: Remark[] = [];
  /** Operations asked, as `GET /v1/refunds/{refund} 200`. */
  readonly asked = new Set<string>();
  /** `payment_intent succeeded`, `event charge.refunded`, `error card_error`, … */
  readonly seen = new Set<string>();

  constructor(
    private readonly url: string,
    private readonly document: StripeDocument,
    private readonly judge: Judge,
  ) {}

  async get(path: string, parameters: Parameters = {}): Promise<JsonObject> {
    return this.ask('GET', path, { parameters });
  }

  async post(path: string, parameters: Parameters = {}, headers: Record<string, string> = {}): Promise<JsonObject> {
    return this.ask('POST', path, { parameters, headers });
  }

  /** The sandbox's own doors have nothing to do with Stripe. */
  async door(method: string, path: string, body: unknown = {}): Promise<void> {
    const reply = await fetch(`${this.url}/_sandbox/${path}`, { method, body: JSON.stringify(body) });
    if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status}`);
  }

  /** Asks until the answer is the one that was waited for. */
  async until(look: () => Promise<JsonObject>, isIt: (answer: JsonObject) => boolean): Promise<JsonObject> {
    const deadline = Date.now() + WAIT_MS;
    for (;;) {
      const answer = await look();
      if (isIt(answer)) return answer;
      if (Date.now() > deadline) throw new Error(`Not within ${WAIT_MS} ms; last: ${JSON.stringify(answer)}`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }

  private async ask(
    method: 'GET' | 'POST',
    path: string,
    { parameters, headers = {} }: { parameters: Parameters; headers?: Record<string, string> },
  ): Promise<JsonObject> {
    const form = new URLSearchParams();
    for (const [key, value] of Object.entries(parameters)) form.set(key, String(value));
    const isGet = method === 'GET';
    const reply = await fetch(`${this.url}/v1/${path}${isGet ? `?${form.toString()}` : ''}`, {
      method,
      headers: { authorization: 'Bearer sk_test_verify', ...headers },
      ...(isGet ? {} : { body: form }),
    });
    const body = (await reply.json()) as JsonObject;
    const template = templateOf(this.document.paths, `/v1/${path}`);
    const responses = this.document.paths[template]?.[method.toLowerCase()]?.responses;
    const schema = (responses?.[String(reply.status)] ?? responses?.['default'])?.content['application/json']?.schema;
    if (!schema) throw new Error(`Stripe's document does not know ${method} /v1/${path}`);
    this.asked.add(`${method} ${template}`);
    this.hold(schema, body, reply.ok ? template : 'error');
    return body;
  }

  private hold(schema: Schema, body: JsonObject, at: string): void {
    this.remarks.push(...this.judge.remarks(schema, body, at));
    this.note(body);
    if (Array.isArray(body['data'])) body['data'].forEach((one) => this.note(one));
  }

  /** Remembers what kind of thing it was. What an event carries is open in the schema: it says itself what it is. */
  private note(thing: Json): void {
    if (!isObject(thing)) return;
    const { object, error, data, type, status } = thing;
    if (isObject(error)) {
      this.seen.add(`error ${textOf(error['type'])}`);
      if (isObject(error['payment_intent'])) this.note(error['payment_intent']);
    } else if (object === 'event') {
      this.seen.add(`event ${textOf(type)}`);
      const carried = isObject(data) ? data['object'] : undefined;
      if (!isObject(carried)) throw new Error('an event carries nothing');
      const reference = { $ref: `#/components/schemas/${textOf(carried['object'])}` };
      this.remarks.push(...this.judge.remarks(reference, carried, 'event.data.object'));
    } else if (typeof object === 'string' && object !== 'list') {
      this.seen.add(`${object} ${textOf(object === 'balance_transaction' ? type : status)}`);
    }
  }
}

function templateOf(paths: StripeDocument['paths'], path: string): string {
  const parts = path.split('/');
  const fits = (template: string) => {
    const named = template.split('/');
    return named.length === parts.length && named.every((name, index) => /^\{/.test(name) || name === parts[index]);
  };
  return (path in paths ? path : Object.keys(paths).find(fits)) ?? path;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}
