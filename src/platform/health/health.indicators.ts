import { Inject, Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import type { Redis } from 'ioredis';
import { DataSource } from 'typeorm';
import { REDIS } from '../cache/redis.module.js';
import { SchemaState } from '../database/schema-state.js';
import { Draining } from './draining.js';
import { WorkerHeartbeat } from './worker-heartbeat.js';

const ANSWER_MAX_MS = 800;

/** One question each about something this process stands on; each answers within a second. */
@Injectable()
export class HealthIndicators {
  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly dataSource: DataSource,
    private readonly schema: SchemaState,
    private readonly draining: Draining,
    @Inject(REDIS) private readonly redis: Redis,
    private readonly heartbeat: WorkerHeartbeat,
  ) {}

  /** Through the pool that requests use: a pool that is exhausted is not ready. */
  async database(): Promise<HealthIndicatorResult> {
    const check = this.indicators.check('database');
    return (await answersInTime(this.dataSource.query('SELECT 1'))) ? check.up() : check.down();
  }

  async migrations(): Promise<HealthIndicatorResult> {
    const check = this.indicators.check('migrations');
    const isCurrent = this.schema.isCurrent();
    return (await answersInTime(isCurrent)) && (await isCurrent) ? check.up() : check.down();
  }

  async lifecycle(): Promise<HealthIndicatorResult> {
    const check = this.indicators.check('lifecycle');
    return this.draining.isDraining ? check.down('draining') : check.up();
  }

  /** Told, never counted: everything works without Redis, only slower. */
  async cache(): Promise<HealthIndicatorResult> {
    const check = this.indicators.check('redis');
    return (await answersInTime(this.redis.ping())) ? check.up() : check.degraded('going on without it');
  }

  /** Told, never counted: requests need no worker; mail, webhooks and recovery wait for one. */
  async worker(): Promise<HealthIndicatorResult> {
    const check = this.indicators.check('worker');
    const isHeard = this.heartbeat.isHeard();
    if (!(await answersInTime(isHeard))) return check.degraded('not known without Redis');
    return (await isHeard) ? check.up() : check.degraded('none is heard; work waits for one');
  }
}

async function answersInTime(answer: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ANSWER_MAX_MS);
  });
  try {
    return await Promise.race([answer.then(() => true), late]);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}
