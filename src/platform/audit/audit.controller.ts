import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { InvalidRequest } from '../../shared/errors.js';
import { Forbidden } from '../auth/auth.errors.js';
import { Requires } from '../auth/route-access.js';
import { ApiProblems } from '../http/api-problems.decorator.js';
import { pageOf } from '../http/page.js';
import { periodOf } from '../http/period.js';
import { ActPage, viewAct } from './act.view.js';
import { ListActs } from './acts.dto.js';
import { ActsRepository } from './acts.repository.js';

@ApiTags('admin')
@ApiBearerAuth()
@Requires('audit.read')
@Controller('admin/audit')
export class AuditController {
  constructor(private readonly acts: ActsRepository) {}

  @Get()
  @ApiOperation({
    summary: 'Read who did what to the shop, newest first',
    description: 'Every change that support and admins make to what is not their own, recorded together with it.',
  })
  @ApiOkResponse({ type: ActPage })
  @ApiProblems(InvalidRequest, Forbidden)
  async list(@Query() { limit, from, to, ...filter }: ListActs): Promise<ActPage> {
    const rows = await this.acts.list({ ...filter, ...periodOf({ from, to }), limit: limit + 1 });
    const page = pageOf(rows, limit);
    return { ...page, data: page.data.map(viewAct) };
  }
}
