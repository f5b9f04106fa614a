import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { InvalidEnvironment, readConfig } from '../../src/platform/config/config.js';
import { LOCAL_SECRETS } from '../../src/platform/config/config.schema.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { harness } from '../support/harness.js';
import { freePorts } from '../support/program.js';
import { environmentOf } from '../support/shop-environment.js';
import { waitUntil } from '../support/wait.js';

jest.setTimeout(120_000);

const MAIN = join(process.cwd(), 'dist', 'src', 'main.js');
const NODES = installedNodes();

/** One process of the built product, with everything it says. */
class Boot {
  private readonly child: ChildProcess;
  output = '';

  constructor(node: string, env: Readonly<Record<string, string>>) {
    this.child = spawn(node, [MAIN], { env: { PATH: process.env.PATH, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    }
  }

  get isOver(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  get exitCode(): number | null {
    return this.child.exitCode;
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  async ended(timeoutMs = 30_000): Promise<void> {
    await waitUntil(() => this.isOver, { what: 'the process to end', timeoutMs, explain: () => this.output });
  }
}

describe('the built product', () => {
  let database: TestDatabase;
  let boot: Boot | undefined;

  beforeAll(async () => {
    database = await createTestDatabase();
  });

  afterEach(async () => {
    boot?.signal('SIGKILL');
    await boot?.ended();
    boot = undefined;
  });

  afterAll(() => database.drop());

  it('is tried on the Node that runs the product here, and on the one that runs the tests', () => {
    const versions = NODES.map(({ version }) => version);
    expect(versions).toContain(process.version);
    expect(versions).toContain(versionOf(harness().node));
  });

  describe.each(NODES)('on Node $version', ({ path: node }) => {
    it.each(['web', 'worker'])('boots as %s, says that it is ready, and ends in peace', async (mode) => {
      const [port = 0] = await freePorts(1);
      const places = { databaseUrl: database.databaseUrl, redisUrl: harness().redisUrl, sandboxPort: 1, webPort: port };
      const process = new Boot(node, { ...environmentOf(places), APP_MODE: mode, PORT: String(port) });
      boot = process;
      const health = await waitUntil(
        async () => {
          if (process.isOver) throw new Error(`it ended with ${process.exitCode}`);
          const reply = await fetch(`http://127.0.0.1:${port}/health/ready`);
          return reply.status === 200 ? ((await reply.json()) as { status: string }) : undefined;
        },
        { what: `${mode} to be ready`, timeoutMs: 60_000, explain: () => process.output },
      );
      expect(['ok', 'degraded']).toContain(health.status);
      expect((await fetch(`http://127.0.0.1:${port}/v1/products`)).status).toBe(mode === 'web' ? 200 : 404);
      const authorization = `Bearer ${LOCAL_SECRETS.METRICS_TOKEN}`;
      const metrics = await fetch(`http://127.0.0.1:${port}/metrics`, { headers: { authorization } });
      expect([metrics.status, await metrics.text()]).toEqual([200, expect.stringContaining('purser_database_up 1\n')]);
      const stranger = await fetch(`http://127.0.0.1:${port}/metrics`);
      expect([stranger.status, await stranger.json()]).toEqual([
        401,
        expect.objectContaining({ code: 'unauthenticated' }),
      ]);
      process.signal('SIGTERM');
      await process.ended();
      expect(process.output).not.toMatch(/"level":"(ERROR|CRITICAL)"/);
    });
  });
});

describe('a production without its configuration', () => {
  const PASSWORD = 'a-password-nobody-may-read';
  const REFUSED = [...Object.keys(LOCAL_SECRETS), 'PUBLIC_URL', 'DATABASE_URL', 'REDIS_URL'];
  const PLAIN = {
    DATABASE_URL: `postgres://app:${PASSWORD}@127.0.0.1:1/purser`,
    REDIS_URL: `redis://:${PASSWORD}@127.0.0.1:1`,
  };
  const WRONG = { PORT: 'banana', JWT_SECRET: 'too-short-to-be-one', MAIL_FROM: 'nobody' };
  const STAND_INS = {
    STRIPE_API_URL: 'http://127.0.0.1:1',
    SENDGRID_API_URL: 'http://127.0.0.1:1',
    APP_MODE: 'seed',
    PASSWORD_HASH_MEMORY_KIB: '1024',
  };

  const SOUND = {
    APP_ENV: 'production',
    PUBLIC_URL: 'https://shop.example',
    DATABASE_URL: 'postgres://app:x@db.example/purser?sslmode=verify-full',
    REDIS_URL: 'rediss://cache.example',
    JWT_SECRET: 'j'.repeat(32),
    TOKEN_SECRET: 't'.repeat(32),
    MFA_ENCRYPTION_KEY: 'e'.repeat(32),
    STRIPE_SECRET_KEY: 'sk_live_0000',
    STRIPE_WEBHOOK_SECRET: 'whsec_0000',
    SENDGRID_API_KEY: 'SG.0000-0000',
    METRICS_TOKEN: 'm'.repeat(32),
  };

  /** What a real process says when it does not boot. */
  async function refusal(env: Readonly<Record<string, string>>): Promise<string> {
    const boot = new Boot(process.execPath, env);
    await boot.ended();
    expect(boot.exitCode).toBe(1);
    return boot.output;
  }

  function mistakesIn(env: Readonly<Record<string, string>>): string {
    try {
      readConfig(env);
      return '';
    } catch (error) {
      return error instanceof InvalidEnvironment ? error.message : String(error);
    }
  }

  /** The variables that were complained about, each on a line of its own. */
  function named(output: string): string[] {
    const lines = output.split('\n').filter((line) => line.startsWith('  '));
    return [...new Set(lines.map((line) => /^ {2}([A-Z_]+): \S/.exec(line)?.[1] ?? line))].sort();
  }

  it('is the default: with nothing set a process does not boot, and names every mistake at once', async () => {
    expect(named(await refusal({}))).toEqual([...REFUSED].sort());
  });

  it('does not boot with whatever else is wrong, and prints no value of it', async () => {
    const output = await refusal({ APP_ENV: 'production', ...PLAIN, ...WRONG });
    expect(named(output)).toEqual([...REFUSED, 'PORT', 'MAIL_FROM'].sort());
    for (const value of [...Object.values(LOCAL_SECRETS), ...Object.values(WRONG), PASSWORD]) {
      expect(output).not.toContain(value);
    }
  });

  it('is refused with stand-ins, default secrets and plain transports', () => {
    expect(named(mistakesIn({ APP_ENV: 'production', ...PLAIN }))).toEqual([...REFUSED].sort());
    const found = named(mistakesIn({ APP_ENV: 'production', ...PLAIN, ...STAND_INS }));
    expect(found).toEqual([...REFUSED, ...Object.keys(STAND_INS)].sort());
  });

  it('is refused with a test key of Stripe, and with TLS on one side only', () => {
    expect(mistakesIn(SOUND)).toBe('');
    expect(named(mistakesIn({ ...SOUND, STRIPE_SECRET_KEY: 'sk_test_0000' }))).toEqual(['STRIPE_SECRET_KEY']);
    expect(named(mistakesIn({ ...SOUND, REDIS_URL: 'redis://cache.example' }))).toEqual(['REDIS_URL']);
    expect(named(mistakesIn({ ...SOUND, PUBLIC_URL: 'http://shop.example' }))).toEqual(['PUBLIC_URL']);
    const pages = 'https://shop.example,http://pages.example';
    expect(named(mistakesIn({ ...SOUND, BROWSER_ORIGINS: pages }))).toEqual(['BROWSER_ORIGINS']);
    const plain = 'postgres://owner:x@db.example/purser';
    const HALF = ['sslmode=disable', 'sslmode=prefer', 'sslmode=requires', 'sslmode=require&sslmode=disable'];
    for (const query of [...HALF, 'sslmode=require&ssl=0', 'application_name=%26sslmode=require']) {
      expect(named(mistakesIn({ ...SOUND, DATABASE_URL: `${plain}?${query}` }))).toEqual(['DATABASE_URL']);
    }
    expect(named(mistakesIn({ ...SOUND, DATABASE_URL: plain }))).toEqual(['DATABASE_URL']);
    expect(named(mistakesIn({ ...SOUND, DATABASE_MIGRATOR_URL: plain }))).toEqual(['DATABASE_MIGRATOR_URL']);
  });

  it('is refused with a key that is known, short, or used for two things', () => {
    const known = LOCAL_SECRETS.JWT_SECRET;
    expect(named(mistakesIn({ ...SOUND, JWT_SECRET_PREVIOUS: known }))).toEqual(['JWT_SECRET_PREVIOUS']);
    expect(named(mistakesIn({ ...SOUND, METRICS_TOKEN: known }))).toEqual(['METRICS_TOKEN']);
    const webhook = LOCAL_SECRETS.STRIPE_WEBHOOK_SECRET;
    const previous = { ...SOUND, STRIPE_WEBHOOK_SECRET_PREVIOUS: webhook };
    expect(named(mistakesIn(previous))).toEqual(['STRIPE_WEBHOOK_SECRET_PREVIOUS']);
    for (const name of ['JWT_SECRET', 'JWT_SECRET_PREVIOUS', 'TOKEN_SECRET', 'METRICS_TOKEN']) {
      expect(named(mistakesIn({ ...SOUND, [name]: 'x'.repeat(31) }))).toEqual([name]);
    }
    expect(named(mistakesIn({ ...SOUND, TOKEN_SECRET: SOUND.JWT_SECRET }))).toEqual(['TOKEN_SECRET']);
    const rotated = { ...SOUND, JWT_SECRET_PREVIOUS: 'p'.repeat(32) };
    expect(mistakesIn(rotated)).toBe('');
    expect(named(mistakesIn({ ...rotated, JWT_KEY_ID: 'k0' }))).toEqual(['JWT_KEY_ID_PREVIOUS']);
  });

  it('is an environment of its own: the same is welcome locally', () => {
    expect(mistakesIn({ ...PLAIN, ...STAND_INS, APP_ENV: 'local' })).toBe('');
  });
});

/** One of each version this machine has and the product supports: ours, the product's, and those on PATH. */
function installedNodes(): { version: string; path: string }[] {
  const onPath = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'node'));
  const candidates = [process.execPath, process.env.TEST_NODE ?? process.execPath, ...onPath].filter(existsSync);
  const byVersion = new Map(candidates.map((path) => [versionOf(path), path]).reverse() as [string, string][]);
  return [...byVersion].map(([version, path]) => ({ version, path })).filter(({ version }) => isSupported(version));
}

function versionOf(node: string): string {
  return execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
}

function isSupported(version: string): boolean {
  const [major = 0, minor = 0] = version.replace('v', '').split('.').map(Number);
  return major > 20 || (major === 20 && minor >= 19);
}
