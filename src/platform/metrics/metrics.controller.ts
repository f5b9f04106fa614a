import { Controller, Get, Header, UseFilters, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Unauthenticated } from '../auth/auth.errors.js';
import { Public } from '../auth/route-access.js';
import { ApiProblems } from '../http/api-problems.decorator.js';
import { ProblemFilter } from '../http/problem.filter.js';
import { Unlimited } from '../http/unlimited.decorator.js';
import { ProviderGuards } from '../resilience/provider-guards.js';
import { Alarms } from '../telemetry/alarms.js';
import { METRIC_TEXT_TYPE, metricText } from '../telemetry/metric-text.js';
import { RequestTimes } from '../telemetry/request-times.js';
import { DatabaseMetrics } from './database-metrics.js';
import { MetricsTokenGuard } from './metrics-token.guard.js';
import { ProcessMetrics } from './process-metrics.js';

/** The same on web and worker, which has no filter of its own. */
@ApiTags('health')
@ApiBearerAuth()
@Public()
@Unlimited()
@UseFilters(ProblemFilter)
@UseGuards(MetricsTokenGuard)
@Controller('metrics')
export class MetricsController {
  constructor(
    private readonly requests: RequestTimes,
    private readonly alarms: Alarms,
    private readonly providers: ProviderGuards,
    private readonly process: ProcessMetrics,
    private readonly database: DatabaseMetrics,
  ) {}

  @Get()
  @Header('Content-Type', METRIC_TEXT_TYPE)
  @ApiOperation({
    summary: 'How this process and the shop are doing, for Prometheus',
    description: 'The bearer is METRICS_TOKEN of the configuration, not the access token of a login.',
  })
  @ApiOkResponse({ content: { 'text/plain': { schema: { type: 'string' } } } })
  @ApiProblems(Unauthenticated)
  async read(): Promise<string> {
    const sources = [this.requests, this.alarms, this.providers, this.process, this.database];
    return metricText((await Promise.all(sources.map(async (source) => source.metrics()))).flat());
  }
}
