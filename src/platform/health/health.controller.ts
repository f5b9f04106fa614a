import { Controller, Get, HttpException, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import { HealthCheckService, type HealthIndicatorResult } from '@nestjs/terminus';
import type { Response } from 'express';
import { Public } from '../auth/route-access.js';
import { Unlimited } from '../http/unlimited.decorator.js';
import { HealthIndicators } from './health.indicators.js';

@ApiTags('health')
@Public()
@Unlimited()
@Controller('health')
export class HealthController {
  constructor(
    private readonly checks: HealthCheckService,
    private readonly indicators: HealthIndicators,
  ) {}

  @Get('live')
  @ApiOperation({ summary: 'Is the process alive? Asks nobody.' })
  @ApiOkResponse()
  live(): object {
    return { status: 'ok' };
  }

  @Get('ready')
  @ApiOperation({
    summary: 'May requests be sent here? Database, schema, draining; Redis and worker are told, never block.',
  })
  @ApiOkResponse()
  @ApiServiceUnavailableResponse()
  async ready(@Res() response: Response): Promise<void> {
    await this.answer(response, [
      () => this.indicators.database(),
      () => this.indicators.migrations(),
      () => this.indicators.lifecycle(),
      () => this.indicators.cache(),
      () => this.indicators.worker(),
    ]);
  }

  @Get('startup')
  @ApiOperation({ summary: 'Has the process finished starting?' })
  @ApiOkResponse()
  @ApiServiceUnavailableResponse()
  async startup(@Res() response: Response): Promise<void> {
    await this.answer(response, [() => this.indicators.database(), () => this.indicators.migrations()]);
  }

  private async answer(response: Response, indicators: (() => Promise<HealthIndicatorResult>)[]): Promise<void> {
    try {
      response.json(await this.checks.check(indicators));
    } catch (error) {
      if (!(error instanceof HttpException)) throw error;
      response.status(503).setHeader('Retry-After', '2').json(error.getResponse());
    }
  }
}
