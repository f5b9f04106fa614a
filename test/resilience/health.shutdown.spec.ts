import { type ChildProcess, spawn } from 'node:child_process';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { harness } from '../support/harness.js';
import { freePorts } from '../support/program.js';
import { environmentOf } from '../support/shop-environment.js';
import { waitUntil } from '../support/wait.js';
import { testRedisUrl } from '../integration/problem.support.js';

jest.setTimeout(60_000);

const PROBE_EVERY_MS = 100;
const CLIENTS = 8;
/** From the first bad probe until the load balancer sends nobody here any more. */
const NOTICE_MS = 800;
/** Longer than that, by what a busy machine may add. */
const DRAIN_MS = 4_000;
/** Far below the drain and the deadline that it is told from, and far above what a busy machine needs. */
const SOON_MS = 12_000;
const NEVER_MS = '25000';

/** One web process of the built product, behind a load balancer that asks for its health and takes its time. */
class Server {
  private readonly child: ChildProcess;
  private readonly startedAt = performance.now();
  private readonly agent = new Agent({ keepAlive: true });
  endedAt: number | undefined;
  isInService = true;
  answered = 0;
  failed = 0;

  constructor(
    private readonly port: number,
    env: Readonly<Record<string, string>>,
  ) {
    const main = join(process.cwd(), 'dist', 'src', 'main.js');
    const all = { PATH: process.env.PATH, ...env, APP_MODE: 'web', PORT: String(port), LOG_LEVEL: 'CRITICAL' };
    this.child = spawn(harness().node, [main], { env: all, stdio: 'ignore' });
    this.child.once('exit', () => (this.endedAt = performance.now() - this.startedAt));
  }

  get exitCode(): number | null {
    return this.child.exitCode;
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  async ready(): Promise<void> {
    await waitUntil(async () => (await this.probe()) === 200, { what: 'the server to be ready' });
  }

  probe(): Promise<number> {
    return this.ask('/health/ready');
  }

  /** Milliseconds from `since` to the end of the process. */
  async ended(since: number): Promise<number> {
    await waitUntil(() => this.endedAt, { what: 'the process to end' });
    this.agent.destroy();
    return this.startedAt + (this.endedAt ?? 0) - since;
  }

  /** Sends requests, each over a kept connection when there is one, until the load balancer has noticed. */
  async load(): Promise<void> {
    await Promise.all([this.watch(), ...Array.from({ length: CLIENTS }, () => this.keepAsking())]);
  }

  private async watch(): Promise<void> {
    while ((await this.probe().catch(() => 0)) === 200) await pause(PROBE_EVERY_MS);
    await pause(NOTICE_MS);
    this.isInService = false;
  }

  private async keepAsking(): Promise<void> {
    while (this.isInService) {
      const status = await this.ask('/v1/products').catch(() => 0);
      if (status === 200) this.answered += 1;
      else this.failed += 1;
      await pause(5);
    }
  }

  private ask(path: string): Promise<number> {
    return new Promise((resolve, reject) => {
      const sent = request({ host: '127.0.0.1', port: this.port, path, agent: this.agent }, (reply) => {
        reply.resume().once('end', () => resolve(reply.statusCode ?? 0));
      });
      sent.once('error', reject).end();
    });
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

describe('On SIGTERM the web server', () => {
  let db: TestDatabase;
  let server: Server;

  beforeAll(async () => {
    db = await createTestDatabase();
  });

  afterEach(async () => {
    server.signal('SIGKILL');
    await server.ended(0);
  });

  afterAll(() => db.drop());

  async function start(given: Readonly<Record<string, string>>): Promise<void> {
    const [port = 0] = await freePorts(1);
    const places = { databaseUrl: db.databaseUrl, redisUrl: testRedisUrl(), sandboxPort: 1, webPort: port };
    server = new Server(port, { ...environmentOf(places), ...given });
    await server.ready();
  }

  it('serves until the load balancer has noticed: not one request fails, and it ends soon after', async () => {
    await start({ SHUTDOWN_DRAIN_MS: String(DRAIN_MS) });
    const load = server.load();
    await waitUntil(() => server.answered > 50, { what: 'the load to run' });
    const signalledAt = performance.now();
    server.signal('SIGTERM');
    await load;
    expect(server.failed).toBe(0);
    expect(server.answered).toBeGreaterThan(50);
    expect(await server.ended(signalledAt)).toBeLessThan(SOON_MS);
    expect(server.exitCode).toBe(0);
  });

  it('fails requests without that time: what it is for', async () => {
    await start({ SHUTDOWN_DRAIN_MS: '0' });
    const load = server.load();
    await waitUntil(() => server.answered > 50, { what: 'the load to run' });
    server.signal('SIGTERM');
    await load;
    expect(server.failed).toBeGreaterThan(0);
  });

  it('ends at once on a second signal', async () => {
    await start({ SHUTDOWN_DRAIN_MS: NEVER_MS });
    server.signal('SIGTERM');
    await waitUntil(async () => (await server.probe()) === 503, { what: 'the server to drain' });
    expect(server.endedAt).toBeUndefined();
    const signalledAt = performance.now();
    server.signal('SIGTERM');
    expect(await server.ended(signalledAt)).toBeLessThan(SOON_MS);
    expect(server.exitCode).toBe(1);
  });

  describe('with a timer nobody stops, and deaf to signals of its own, as the first process of a container is', () => {
    const leak = 'setInterval(()=>{},1e3);process.kill=()=>true';
    const preloaded = (code: string) => ({
      SHUTDOWN_DRAIN_MS: '0',
      NODE_OPTIONS: `--import=data:text/javascript,${code}`,
    });

    it('ends all the same', async () => {
      await start(preloaded(leak));
      const signalledAt = performance.now();
      server.signal('SIGTERM');
      expect(await server.ended(signalledAt)).toBeLessThan(SOON_MS);
      expect(server.exitCode).toBe(0);
    });

    it('would go on for ever if it waited for that to end (control)', async () => {
      await start(preloaded(`${leak};process.exit=()=>{}`));
      server.signal('SIGTERM');
      const isClosed = async () => (await server.probe().catch(() => 0)) === 0;
      await waitUntil(isClosed, { what: 'the server to listen no more' });
      await pause(2_000);
      expect(server.endedAt).toBeUndefined();
    });
  });

  it('ends at its deadline, whatever hangs', async () => {
    await start({ SHUTDOWN_DRAIN_MS: NEVER_MS, SHUTDOWN_DEADLINE_MS: '700' });
    const signalledAt = performance.now();
    server.signal('SIGTERM');
    const tookMs = await server.ended(signalledAt);
    expect(tookMs).toBeGreaterThan(600);
    expect(tookMs).toBeLessThan(SOON_MS);
    expect(server.exitCode).toBe(1);
  });
});
