import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Behaviour = (request: IncomingMessage, reply: ServerResponse) => unknown;

const PAID = {
  id: 'pi_1',
  object: 'payment_intent',
  status: 'succeeded',
  amount: 1_000,
  amount_received: 1_000,
  currency: 'usd',
  latest_charge: 'ch_1',
  metadata: {},
};

const answer: Behaviour = (_request, reply) => reply.writeHead(200).end(JSON.stringify(PAID));

/** A provider that knows one payment, on a port of its own. It can be silent in every way there is. */
export class LocalProvider {
  /** Requests that arrived, whatever became of them. */
  requests = 0;
  private server: Server;
  private behaviour: Behaviour = answer;
  private port = 0;

  private constructor() {
    this.server = this.serve();
  }

  static async start(): Promise<LocalProvider> {
    const provider = new LocalProvider();
    await provider.listen();
    return provider;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  becomes(behaviour: Behaviour): void {
    this.behaviour = behaviour;
  }

  answers(): void {
    this.behaviour = answer;
  }

  /** Keeps every request; each entry answers one. */
  holds(): (() => void)[] {
    const held: (() => void)[] = [];
    this.behaviour = (request, reply) => held.push(() => void answer(request, reply));
    return held;
  }

  /** Nobody listens any more. */
  async goAway(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  async recover(): Promise<void> {
    this.answers();
    if (this.server.listening) return;
    this.server = this.serve();
    await this.listen();
  }

  async close(): Promise<void> {
    if (this.server.listening) await this.goAway();
  }

  private serve(): Server {
    return createServer((request, reply) => {
      this.requests += 1;
      reply.setHeader('content-type', 'application/json');
      this.behaviour(request, reply);
    });
  }

  private async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject).listen(this.port, '127.0.0.1', resolve);
    });
    this.port = (this.server.address() as AddressInfo).port;
  }
}
