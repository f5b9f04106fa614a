import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Redis } from 'ioredis';
import { DataSource } from 'typeorm';
import { memberOf } from '../../shared/unknown.js';
import { REDIS } from '../cache/redis.module.js';
import { type Metric, type MetricSource, single } from '../telemetry/metric-text.js';

const NANOSECONDS_A_SECOND = 1e9;
const MICROSECONDS_A_SECOND = 1e6;
const LOOP_SAMPLE_MS = 20;

const POOL_STATES = { total: 'totalCount', idle: 'idleCount', waiting: 'waitingCount' } as const;

/** How full this process is: event loop, memory, CPU, connections. */
@Injectable()
export class ProcessMetrics implements MetricSource, OnApplicationShutdown {
  private readonly loopDelay = monitorEventLoopDelay({ resolution: LOOP_SAMPLE_MS });

  constructor(
    private readonly dataSource: DataSource,
    @Inject(REDIS) private readonly redis: Redis,
  ) {
    this.loopDelay.enable();
  }

  onApplicationShutdown(): void {
    this.loopDelay.disable();
  }

  async metrics(): Promise<Metric[]> {
    const { user, system } = process.cpuUsage();
    const isRedisUp = await this.redis.ping().then(Boolean, () => false);
    return [
      single('gauge', 'purser_event_loop_delay_p99_seconds', {
        help: 'How late 99 % of all timers were at most, since the last time this was asked for.',
        value: this.takeLoopDelay(),
      }),
      single('gauge', 'process_resident_memory_bytes', { help: 'RSS.', value: process.memoryUsage.rss() }),
      single('counter', 'process_cpu_seconds_total', {
        help: 'CPU time, user and system.',
        value: (user + system) / MICROSECONDS_A_SECOND,
      }),
      this.pool(),
      single('gauge', 'purser_redis_up', { help: 'Whether Redis answers this process.', value: Number(isRedisUp) }),
    ];
  }

  /** The sampling interval is part of every sample; what is told is the delay beyond it. */
  private takeLoopDelay(): number {
    const late = this.loopDelay.percentile(99) / NANOSECONDS_A_SECOND - LOOP_SAMPLE_MS / 1_000;
    this.loopDelay.reset();
    return Math.max(0, late);
  }

  private pool(): Metric {
    const pool = memberOf(this.dataSource.driver, 'master');
    const samples = Object.entries(POOL_STATES).map(([state, name]) => ({
      labels: { state },
      value: Number(memberOf(pool, name)),
    }));
    const help = 'Connections to PostgreSQL, and requests that wait for one.';
    return { name: 'purser_database_pool', type: 'gauge', help, samples };
  }
}
