import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** `refuse`: nobody is there. `blackhole`: somebody is there and says nothing any more. */
export type ProxyMode = 'pass' | 'refuse' | 'blackhole';

/** From these bytes on, nothing passes any more in one direction of this connection: what is asked, or what is answered. */
export type Hold = 'request' | 'answer';

/** Hears what a client sends over one connection, in its order, before it is passed on. */
export type Listener = () => (bytes: Buffer) => Hold | void;

/** A TCP proxy in front of a server of the test's own, so that the server can "go away" for one shop and nobody else. */
export class Proxy {
  /** Bytes of answers that were held back. */
  heldBack = 0;
  private mode: ProxyMode = 'pass';
  private latencyMs = 0;
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly target: { host: string; port: number },
    private readonly listener: Listener,
  ) {
    server.on('connection', (client) => this.join(client));
  }

  /** Listens on a free port in front of the server of this URL. */
  static async before(url: string, listener: Listener = () => () => undefined): Promise<Proxy> {
    const { hostname: host, port } = new URL(url);
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(0, '127.0.0.1', resolve);
    });
    return new Proxy(server, { host, port: Number(port) }, listener);
  }

  /** The same URL, through here. */
  through(url: string): string {
    const proxied = new URL(url);
    proxied.hostname = '127.0.0.1';
    proxied.port = String((this.server.address() as AddressInfo).port);
    return proxied.toString();
  }

  /** `refuse` cuts every connection there is; `blackhole` leaves them open and silent; `pass` frees the silent ones by cutting them. */
  become(mode: ProxyMode): void {
    const wasSilent = this.mode === 'blackhole';
    this.mode = mode;
    if (mode === 'refuse' || wasSilent) this.cut();
  }

  /** Every answer of the server takes that much longer. */
  slowDown(latencyMs: number): void {
    this.latencyMs = latencyMs;
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private cut(): void {
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  private join(client: Socket): void {
    if (this.mode === 'refuse') {
      client.resetAndDestroy();
      return;
    }
    const server = connect(this.target);
    const hear = this.listener();
    let held: Hold | void = undefined;
    this.pump(client, server, (bytes) => {
      held ??= hear(bytes);
      if (held !== 'request' && this.mode === 'pass' && !server.destroyed) server.write(bytes);
    });
    const late = this.late(client);
    this.pump(server, client, (bytes) => {
      if (held !== 'answer') return late(bytes);
      this.heldBack += bytes.length;
    });
  }

  /** Passes on in the order of arrival: whichever timer is next takes the oldest. */
  private late(to: Socket): (bytes: Buffer) => void {
    const waiting: Buffer[] = [];
    const passOldest = () => {
      const bytes = waiting.shift();
      if (bytes && this.mode === 'pass' && !to.destroyed) to.write(bytes);
    };
    return (bytes) => {
      waiting.push(bytes);
      if (this.latencyMs === 0 && waiting.length === 1) passOldest();
      else setTimeout(passOldest, this.latencyMs);
    };
  }

  private pump(from: Socket, to: Socket, pass: (bytes: Buffer) => void): void {
    this.sockets.add(from);
    from.setNoDelay(true);
    from.on('data', pass);
    from.on('error', () => to.destroy());
    from.on('close', () => {
      this.sockets.delete(from);
      to.destroy();
    });
  }
}
