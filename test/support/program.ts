import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { harness } from './harness.js';
import { waitUntil } from './wait.js';

const BOOT_TIMEOUT_MS = 120_000;
/** Above the product's own deadline: who is asked to end may take it. */
const END_TIMEOUT_MS = 30_000;

export interface ProgramSpec {
  readonly name: string;
  /** Below `dist/`: tests start what ships, in real processes. */
  readonly main: string;
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
  /** Answers 200 when the program can be used; none for one that runs to its end. */
  readonly readyUrl?: string;
}

/** One line of a program's log. */
export type LogLine = Readonly<Record<string, unknown>>;

/** One real process of the system under test. It can be killed and started again, on the same port. */
export class Program {
  private child: ChildProcess | undefined;

  constructor(private readonly spec: ProgramSpec) {}

  /** Whether it was started and has not ended, for whatever reason. */
  get isRunning(): boolean {
    return this.child !== undefined && !hasEnded(this.child);
  }

  /** `env`, if given, is set on top for this one life. */
  async start(env: Readonly<Record<string, string>> = {}): Promise<void> {
    const child = this.spawn(env);
    const { name, readyUrl } = this.spec;
    if (!readyUrl) return;
    const isReady = async () => hasEnded(child) || (await fetch(readyUrl)).status === 200;
    const explain = () => this.lastLines(30);
    await waitUntil(isReady, { what: `${name} to be ready`, timeoutMs: BOOT_TIMEOUT_MS, explain });
    if (hasEnded(child)) throw new Error(`${name} ended when it should have started.\n${explain()}`);
  }

  /** Runs a task to its end. */
  async run(): Promise<void> {
    const child = this.spawn();
    await this.ended(child, BOOT_TIMEOUT_MS);
    if (child.exitCode !== 0) throw new Error(`${this.spec.name} failed:\n${this.lastLines(30)}`);
  }

  /** Sends the signal; with one that ends the process, waits for its end. Its exit code; null while it has none. */
  async kill(signal: NodeJS.Signals): Promise<number | null> {
    const { child } = this;
    if (!child || hasEnded(child)) return null;
    child.kill(signal);
    if (signal !== 'SIGSTOP' && signal !== 'SIGCONT') await this.ended(child, END_TIMEOUT_MS);
    return child.exitCode;
  }

  lastLines(count: number): string {
    const lines = readFileSync(this.spec.logFile, 'utf8').trimEnd().split('\n').slice(-count);
    return `--- ${this.spec.name}\n${lines.join('\n')}`;
  }

  /** Its log as far as it is JSON: a process killed in the middle of a line leaves half of one. */
  logLines(): LogLine[] {
    const lines = readFileSync(this.spec.logFile, 'utf8').split('\n');
    return lines.flatMap((line) => {
      try {
        return [JSON.parse(line) as LogLine];
      } catch {
        return [];
      }
    });
  }

  private spawn(given: Readonly<Record<string, string>> = {}): ChildProcess {
    const { main, env, logFile } = this.spec;
    mkdirSync(dirname(logFile), { recursive: true });
    const log = openSync(logFile, 'a');
    // Not detached: Ctrl-C at the test command ends it too.
    this.child = spawn(harness().node, [join(process.cwd(), 'dist', main)], {
      // The same few programs boot again and again: they are compiled once.
      env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: join(harness().stateDir, 'compiled'), ...env, ...given },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    return this.child;
  }

  private async ended(child: ChildProcess, timeoutMs: number): Promise<void> {
    await waitUntil(() => hasEnded(child), { what: `${this.spec.name} to end`, timeoutMs });
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** Below the range the system takes ports from for connections: a program that was killed finds its port free again. */
const PORTS = { from: 14_000, to: 32_000 } as const;
let nextPort = randomInt(PORTS.from, PORTS.to);

/** Ports nobody listens on now, all different, and none of them handed out by this process before. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) {
    nextPort = nextPort < PORTS.to ? nextPort + 1 : PORTS.from;
    if (await isFree(nextPort)) ports.push(nextPort);
  }
  return ports;
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
