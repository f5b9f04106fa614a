import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Setting } from './setting.js';

const BOOT_LIMIT_MS = 30_000;
const END_LIMIT_MS = 10_000;
const POLL_MS = 50;

export interface ProgramSpec {
  readonly name: string;
  /** Below `dist/`. */
  readonly main: string;
  readonly env: Readonly<Record<string, string>>;
  readonly readyUrl: string;
}

/** One process under measurement. Its output goes to a file, as it would in production go to a pipe. */
export class Program {
  private readonly child: ChildProcess;
  private readonly logFile: string;

  constructor(
    private readonly spec: ProgramSpec,
    { node, nodeFlags, stateDir }: Setting,
  ) {
    this.logFile = join(stateDir, 'logs', `${spec.name}.log`);
    const log = openSync(this.logFile, 'w');
    this.child = spawn(node, [...nodeFlags, join(process.cwd(), 'dist', spec.main)], {
      env: { PATH: process.env.PATH, ...spec.env },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
  }

  /** @throws with the program's last lines when it ends, or is not ready in time */
  async ready(): Promise<void> {
    const end = Date.now() + BOOT_LIMIT_MS;
    for (;;) {
      if (this.hasEnded || Date.now() > end) throw new Error(`${this.spec.name} did not start:\n${this.lastLines()}`);
      const status = await fetch(this.spec.readyUrl).then(
        (reply) => reply.status,
        () => 0,
      );
      if (status === 200) return;
      await pause(POLL_MS);
    }
  }

  /** Resident memory in bytes, of a process that runs. */
  get residentBytes(): number {
    const { pid = 0 } = this.child;
    if (process.platform === 'linux') {
      const [, kibibytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
      return Number(kibibytes) * 1_024;
    }
    return Number(spawnSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' }).stdout) * 1_024;
  }

  async stop(): Promise<void> {
    if (this.hasEnded) return;
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGTERM');
    const killer = setTimeout(() => this.child.kill('SIGKILL'), END_LIMIT_MS);
    await ended;
    clearTimeout(killer);
  }

  lastLines(): string {
    return readFileSync(this.logFile, 'utf8').trimEnd().split('\n').slice(-20).join('\n');
  }

  private get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }
}

/** Ports of the loopback that nobody listens on now, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, listening));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

function listening(): Promise<ReturnType<typeof createServer>> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject).listen(0, '127.0.0.1', () => resolve(server));
  });
}
