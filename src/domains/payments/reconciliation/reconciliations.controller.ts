import { Body, Controller, Get, HttpCode, Inject, Post, Query, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import type { Principal } from '../../../contracts/roles.js';
import { Forbidden } from '../../../platform/auth/auth.errors.js';
import { CurrentUser } from '../../../platform/auth/current-user.decorator.js';
import { Requires } from '../../../platform/auth/route-access.js';
import { recordAct } from '../../../platform/audit/acts.js';
import { CONFIG, type Config } from '../../../platform/config/config.js';
import { Transactions } from '../../../platform/database/transactions.js';
import { ApiProblems } from '../../../platform/http/api-problems.decorator.js';
import { IdParam } from '../../../platform/http/id-param.js';
import { pageOf, PageQuery } from '../../../platform/http/page.js';
import { InvalidRequest } from '../../../shared/errors.js';
import { FindingsRepository } from './findings.repository.js';
import { ReconciliationNotFound } from './reconciliation.errors.js';
import { ReconciliationRequests } from './reconciliation-requests.service.js';
import { ReconciliationPage, ReconciliationReport } from './reconciliation.view.js';
import { ReconciliationView, viewFinding, viewReconciliation } from './reconciliation.view.js';
import { RequestReconciliation, windowOf } from './reconciliations.dto.js';
import { ReconciliationsRepository } from './reconciliations.repository.js';

@ApiTags('admin')
@ApiBearerAuth()
@Controller('admin/reconciliations')
export class ReconciliationsController {
  constructor(
    private readonly transactions: Transactions,
    private readonly requests: ReconciliationRequests,
    private readonly runs: ReconciliationsRepository,
    private readonly findings: FindingsRepository,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Post()
  @Requires('reconciliations.start')
  @HttpCode(202)
  @ApiOperation({
    summary: "Compare the provider's lists with our books",
    description:
      'A worker does it. It heals what settling heals and puts the rest before an operator; again, it changes nothing.',
  })
  @ApiAcceptedResponse({ type: ReconciliationView, description: 'Ask `Location` how it goes.' })
  @ApiProblems(InvalidRequest, Forbidden)
  async request(
    @CurrentUser() { id: actorId }: Principal,
    @Body() command: RequestReconciliation,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ReconciliationView> {
    const window = windowOf(command, this.config.RECONCILIATION_LOOKBACK_DAYS);
    const run = await this.transactions.run(async (tx) => {
      const requested = await this.requests.request(tx, window, actorId);
      const subject = `reconciliation-${requested.id}`;
      await recordAct(tx, { act: 'reconciliations.start', subject, after: window });
      return requested;
    });
    response.location(`/v1/admin/reconciliations/${run.id}`);
    return viewReconciliation(run);
  }

  @Get()
  @Requires('reconciliations.read')
  @ApiOperation({ summary: 'List reconciliations, newest first' })
  @ApiOkResponse({ type: ReconciliationPage })
  @ApiProblems(InvalidRequest, Forbidden)
  async list(@Query() { limit, after }: PageQuery): Promise<ReconciliationPage> {
    const page = pageOf(await this.runs.list({ limit: limit + 1, after }), limit);
    return { ...page, data: page.data.map(viewReconciliation) };
  }

  @Get(':id')
  @Requires('reconciliations.read')
  @ApiOperation({
    summary: 'Read the report of a reconciliation',
    description: '`limit` and `after` page its findings.',
  })
  @ApiOkResponse({ type: ReconciliationReport })
  @ApiProblems(InvalidRequest, Forbidden, ReconciliationNotFound)
  async get(@IdParam('id') id: string, @Query() { limit, after }: PageQuery): Promise<ReconciliationReport> {
    const run = await this.runs.get(id);
    const page = pageOf(await this.findings.list(id, { limit: limit + 1, after }), limit);
    return { ...viewReconciliation(run), findings: { ...page, data: page.data.map(viewFinding) } };
  }
}
