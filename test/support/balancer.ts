import { Agent, createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const PROBE_EVERY_MS = 100;

/** One server behind the balancer. */
class Target {
  isInService = false;
  private failingSince: number | undefined;
  readonly agent = new Agent({ keepAlive: true });

  constructor(
    readonly url: string,
    private readonly noticeMs: number,
  ) {}

  async probe(): Promise<void> {
    const isReady = await fetch(`${this.url}/health/ready`).then(
      ({ status }) => status === 200,
      () => false,
    );
    this.failingSince = isReady ? undefined : (this.failingSince ?? performance.now());
    if (isReady) this.isInService = true;
    else if (performance.now() - (this.failingSince ?? 0) >= this.noticeMs) this.isInService = false;
  }
}

/**
 * A load balancer as they are: it sends requests round to whoever is in service, keeps its connections, and takes its
 * time to notice that a server is not ready any more. It repeats nothing, so a request that a server loses is lost.
 */
export class Balancer {
  /** Requests that got no answer from the server they were sent to, or found none in service. */
  lost = 0;
  private next = 0;
  private isOpen = true;
  private readonly probing: Promise<unknown>;

  private constructor(
    private readonly server: Server,
    private readonly targets: readonly Target[],
  ) {
    server.on('request', (asked: IncomingMessage, answer: ServerResponse) => this.pass(asked, answer));
    this.probing = Promise.all(targets.map((target) => this.keepProbing(target)));
  }

  static async before(urls: readonly string[], { noticeMs }: { noticeMs: number }): Promise<Balancer> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new Balancer(
      server,
      urls.map((url) => new Target(url, noticeMs)),
    );
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  isInService(index: number): boolean {
    return this.targets[index]?.isInService === true;
  }

  async close(): Promise<void> {
    this.isOpen = false;
    await this.probing;
    for (const { agent } of this.targets) agent.destroy();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async keepProbing(target: Target): Promise<void> {
    while (this.isOpen) {
      await target.probe();
      await new Promise((resolve) => setTimeout(resolve, PROBE_EVERY_MS));
    }
  }

  private pass(asked: IncomingMessage, answer: ServerResponse): void {
    const serving = this.targets.filter(({ isInService }) => isInService);
    const target = serving[(this.next += 1) % serving.length];
    if (!target) {
      this.lose(answer);
      return;
    }
    const { method, headers, url: path } = asked;
    const sent = request(new URL(path ?? '/', target.url), { method, headers, agent: target.agent }, (reply) => {
      answer.writeHead(reply.statusCode ?? 502, withoutConnection(reply));
      reply.pipe(answer);
    });
    sent.once('error', () => this.lose(answer));
    asked.pipe(sent);
  }

  private lose(answer: ServerResponse): void {
    this.lost += 1;
    if (!answer.headersSent) answer.writeHead(502);
    answer.end();
  }
}

/** What a server says about its connection to us is not for our clients. */
function withoutConnection({ headers }: IncomingMessage): IncomingMessage['headers'] {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !/^(connection|keep-alive)$/.test(name)));
}
