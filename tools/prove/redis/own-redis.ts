import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { harness } from '../../../test/support/harness.js';
import { freePorts } from '../../../test/support/program.js';
import { waitUntil } from '../../../test/support/wait.js';

interface Command {
  readonly command: string;
  readonly env: Readonly<Record<string, string>>;
}

/** A Redis nobody else uses, which a proof may empty, freeze and kill. It keeps its port and forgets everything. */
export class OwnRedis {
  private child: ChildProcess | undefined;

  private constructor(private readonly port: number) {}

  static async start(): Promise<OwnRedis> {
    const [port = 0] = await freePorts(1);
    const redis = new OwnRedis(port);
    await redis.start();
    return redis;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}/0`;
  }

  async start(): Promise<void> {
    const { command, env } = prepared();
    const folder = join(harness().stateDir, 'own-redis');
    mkdirSync(folder, { recursive: true });
    const settings = { port: String(this.port), bind: '127.0.0.1', save: '', 'maxmemory-policy': 'noeviction' };
    const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
    this.child = spawn(command, args, { cwd: folder, env: { ...process.env, ...env }, stdio: 'ignore' });
    await waitUntil(() => this.with((redis) => redis.ping()), { what: 'the own Redis to answer' });
  }

  async flush(): Promise<void> {
    await this.with((redis) => redis.flushall());
  }

  async kill(): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }

  freeze(): void {
    this.child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.child?.kill('SIGCONT');
  }

  private async with<T>(work: (redis: Redis) => Promise<T>): Promise<T> {
    const redis = new Redis(this.url, { lazyConnect: true, retryStrategy: () => null });
    redis.on('error', () => undefined);
    try {
      await redis.connect();
      return await work(redis);
    } finally {
      redis.disconnect();
    }
  }
}

/** @throws when the proofs were not started by their command */
function prepared(): Command {
  const found = process.env['PROVE_REDIS'];
  if (!found) throw new Error('PROVE_REDIS is not set: run `npm run prove`');
  return JSON.parse(found) as Command;
}
