import { type BeforeApplicationShutdown, Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { Server } from 'node:http';
import { CONFIG, type Config } from '../config/config.js';
import { Log } from '../telemetry/log.js';
import { Draining } from './draining.js';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;
const IDLE_SWEEP_MS = 200;
const WORK_MAX_MS = 8_000;

/**
 * SIGTERM in an order that loses nothing: not ready any more, still serving while the load balancer notices, current
 * jobs done, idle sockets closed; then Nest closes the listener, and queues and pools last. A deadline ends what hangs,
 * and so does a second signal. Without a signal (a test, a task) nobody sends requests here, and nothing is waited for
 * but the work.
 */
@Injectable()
export class Shutdown implements BeforeApplicationShutdown, OnApplicationShutdown {
  private readonly onSecondSignal = (): void => this.endNow('a second signal');

  constructor(
    private readonly draining: Draining,
    private readonly adapter: HttpAdapterHost,
    @Inject(CONFIG) private readonly config: Config,
    private readonly log: Log,
  ) {}

  async beforeApplicationShutdown(signal?: string): Promise<void> {
    if (signal) this.boundTheEnd(signal);
    const work = this.draining.begin();
    if (signal) await pause(this.config.SHUTDOWN_DRAIN_MS);
    await Promise.race([work, pause(WORK_MAX_MS)]);
    this.closeIdleSockets();
  }

  /** From here on a signal does what it does to any process: Nest ends ours by one. */
  onApplicationShutdown(): void {
    for (const name of SIGNALS) process.off(name, this.onSecondSignal);
  }

  private boundTheEnd(signal: string): void {
    const { SHUTDOWN_DEADLINE_MS } = this.config;
    this.log.info({ message: 'shutting down', signal });
    const late = `still running ${SHUTDOWN_DEADLINE_MS} ms after the signal`;
    setTimeout(() => this.endNow(late), SHUTDOWN_DEADLINE_MS).unref();
    for (const name of SIGNALS) process.once(name, this.onSecondSignal);
  }

  private closeIdleSockets(): void {
    const server = this.adapter.httpAdapter?.getHttpServer() as Server | undefined;
    if (!server?.listening) return;
    const sweep = setInterval(() => server.closeIdleConnections(), IDLE_SWEEP_MS).unref();
    server.once('close', () => clearInterval(sweep));
  }

  private endNow(reason: string): void {
    this.log.error(`ending at once: ${reason}`);
    process.exit(1);
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}
