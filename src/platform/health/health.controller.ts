import { Controller, Get, HttpException, Inject, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import { HealthCheckService, HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import type { Response } from 'express';
import type { Redis } from 'ioredis';
import { DataSource } from 'typeorm';
import { Public } from '../auth/route-access.js';
import { REDIS } from '../cache/redis.module.js';
import { SchemaState } from '../database/schema-state.js';
import { Unlimited } from '../http/unlimited.decorator.js';
import { Draining } from './draining.js';

const ANSWER_MAX_MS = 800;

@ApiTags('health')
@Public()
@Unlimited()
@Controller('health')
export class HealthController {
  constructor(
    private readonly checks: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    private readonly dataSource: DataSource,
    private readonly schema: SchemaState,
    private readonly draining: Draining,
    @Inject(REDIS) private readonly redis: Redis,
  ) {}

  @Get('live')
  @ApiOperation({ summary: 'Is the process alive? Asks nobody.' })
  @ApiOkResponse()
  live(): object {
    return { status: 'ok' };
  }

  @Get('ready')
  @ApiOperation({ summary: 'May requests be sent here? Database, schema, draining; Redis is told, never blocks.' })
  @ApiOkResponse()
  @ApiServiceUnavailableResponse()
  async ready(@Res() response: Response): Promise<void> {
    await this.answer(response, [
      () => this.database(),
      () => this.migrations(),
      () => this.lifecycle(),
      () => this.cache(),
    ]);
  }

  @Get('startup')
  @ApiOperation({ summary: 'Has the process finished starting?' })
  @ApiOkResponse()
  @ApiServiceUnavailableResponse()
  async startup(@Res() response: Response): Promise<void> {
    await this.answer(response, [() => this.database(), () => this.migrations()]);
  }

  private async answer(response: Response, indicators: (() => Promise<HealthIndicatorResult>)[]): Promise<void> {
    try {
      response.json(await this.checks.check(indicators));
    } catch (error) {
      if (!(error instanceof HttpException)) throw error;
      response.status(503).setHeader('Retry-After', '2').json(error.getResponse());
    }
  }

  /** Through the pool that requests use: a pool that is exhausted is not ready. */
  private async database(): Promise<HealthIndicatorResult> {
    const check = this.indicators.check('database');
    return (await answersInTime(this.dataSource.query('SELECT 1'))) ? check.up() : check.down();
  }

  private async migrations(): Promise<HealthIndicatorResult> {
    const check = this.indicators.check('migrations');
    const isCurrent = this.schema.isCurrent();
    return (await answersInTime(isCurrent)) && (await isCurrent) ? check.up() : check.down();
  }

  private async lifecycle(): Promise<HealthIndicatorResult> {
    const check = this.indicators.check('lifecycle');
    return this.draining.isDraining ? check.down('draining') : check.up();
  }

  /** Told, never counted: everything works without Redis, only slower. */
  private async cache(): Promise<HealthIndicatorResult> {
    const check = this.indicators.check('redis');
    return (await answersInTime(this.redis.ping())) ? check.up() : check.degraded('going on without it');
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
