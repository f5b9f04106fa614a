import { type BeforeApplicationShutdown, Inject, Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { Server } from 'node:http';
import { CONFIG, type Config } from '../config/config.js';
import { Log } from '../telemetry/log.js';
import { Draining } from './draining.js';

const IDLE_SWEEP_MS = 200;
const WORK_MAX_MS = 8_000;

/**
 * SIGTERM in an order that loses nothing: not ready any more, still serving while the load balancer notices, current
 * jobs done, idle sockets closed; then Nest closes the listener, and queues and pools last. A deadline ends what hangs.
 */
@Injectable()
export class Shutdown implements BeforeApplicationShutdown {
  constructor(
    private readonly draining: Draining,
    private readonly adapter: HttpAdapterHost,
    @Inject(CONFIG) private readonly config: Config,
    private readonly log: Log,
  ) {}

  async beforeApplicationShutdown(): Promise<void> {
    const { SHUTDOWN_DEADLINE_MS, SHUTDOWN_DRAIN_MS } = this.config;
    this.log.info('shutting down');
    setTimeout(() => this.giveUp(), SHUTDOWN_DEADLINE_MS).unref();
    const work = this.draining.begin();
    await pause(SHUTDOWN_DRAIN_MS);
    await Promise.race([work, pause(WORK_MAX_MS)]);
    const server = this.adapter.httpAdapter?.getHttpServer() as Server | undefined;
    if (server) setInterval(() => server.closeIdleConnections(), IDLE_SWEEP_MS).unref();
  }

  private giveUp(): void {
    this.log.error(`still running ${this.config.SHUTDOWN_DEADLINE_MS} ms after the signal; ending`);
    process.exit(1);
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}
