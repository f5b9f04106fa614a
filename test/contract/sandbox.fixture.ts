import { mkdtempSync, rmSync } from 'node:fs';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Stripe from 'stripe';
import type { Fault } from '../../tools/sandbox/core/faults.js';
import type { JournalEntry } from '../../tools/sandbox/core/journal.js';
import { type Sandbox, startSandbox } from '../../tools/sandbox/server.js';

export const SECRET = 'whsec_contract';
const WAIT_MS = 8_000;
const LOOK_EVERY_MS = 10;

/** A sandbox of a test's own, on a free port and a folder that goes away with it. */
export class Rig {
  private constructor(
    readonly dataDir: string,
    private sandbox: Sandbox,
    private readonly webhookUrl: string | undefined,
  ) {}

  static async start(webhookUrl?: string): Promise<Rig> {
    const dataDir = mkdtempSync(join(tmpdir(), 'sandbox-'));
    return new Rig(dataDir, await open(dataDir, webhookUrl), webhookUrl);
  }

  get url(): string {
    return this.sandbox.url;
  }

  /** Stripe's own client, as the shop makes it; a retry happens only where a test asks for it. */
  stripe(retries = 0): Stripe {
    const { port } = this.sandbox;
    return new Stripe('sk_test_contract', {
      host: '127.0.0.1',
      port,
      protocol: 'http',
      maxNetworkRetries: retries,
      timeout: 5_000,
      telemetry: false,
    });
  }

  async restart(): Promise<void> {
    await this.sandbox.close();
    this.sandbox = await open(this.dataDir, this.webhookUrl);
  }

  async door<T>(method: string, path: string, body?: unknown): Promise<T> {
    const reply = await fetch(`${this.url}${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${await reply.text()}`);
    return (await reply.json()) as T;
  }

  async arm(...faults: (Partial<Fault> & Pick<Fault, 'op' | 'effect'>)[]): Promise<void> {
    await this.door('PUT', '/_sandbox/faults', faults);
  }

  async journal(after = 0): Promise<JournalEntry[]> {
    return this.door('GET', `/_sandbox/journal?after=${after}`);
  }

  async outcomes(): Promise<string[]> {
    return (await this.journal()).map(({ op, outcome }) => `${op} ${outcome}`);
  }

  async close(): Promise<void> {
    await this.sandbox.close();
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}

async function open(dataDir: string, webhookUrl?: string): Promise<Sandbox> {
  return startSandbox({
    port: 0,
    dataDir,
    webhookSecret: SECRET,
    settleMs: 30,
    ...(webhookUrl === undefined ? {} : { webhookUrl }),
    onError: (error) => {
      throw error;
    },
  });
}

/** A payment that succeeds at once, unless told otherwise. */
export function aPayment(changes: Partial<Stripe.PaymentIntentCreateParams> = {}): Stripe.PaymentIntentCreateParams {
  return {
    amount: 2_500,
    currency: 'eur',
    payment_method: 'pm_card_visa',
    confirm: true,
    return_url: 'https://shop.example/back',
    metadata: { payment_id: 'p-1' },
    ...changes,
  };
}

export async function until<T>(look: () => T | Promise<T>, isEnough: (value: T) => boolean): Promise<T> {
  const deadline = Date.now() + WAIT_MS;
  for (;;) {
    const value = await look();
    if (isEnough(value)) return value;
    if (Date.now() > deadline) throw new Error(`Not within ${WAIT_MS} ms; last seen: ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

export async function refusalOf(work: Promise<unknown>): Promise<Stripe.errors.StripeError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof Stripe.errors.StripeError) return error;
    throw error;
  }
  throw new Error('Stripe refused nothing');
}

/** Of a field that may be expanded. */
export function idOf(field: string | { id: string } | null): string {
  return typeof field === 'string' ? field : (field?.id ?? '');
}

export interface Heard {
  body: string;
  signature: string;
  event: Stripe.Event;
}

/** The shop's end of a webhook: keeps what it hears, and answers with the statuses it is given, then 200. */
export class Listener {
  readonly heard: Heard[] = [];
  statuses: number[] = [];

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(): Promise<Listener> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const listener = new Listener(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/stripe`);
    server.on('request', (request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        const signature = String(request.headers['stripe-signature']);
        listener.heard.push({ body, signature, event: JSON.parse(body) as Stripe.Event });
        response.writeHead(listener.statuses.shift() ?? 200).end();
      });
    });
    return listener;
  }

  get types(): string[] {
    return this.heard.map(({ event }) => event.type);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
