import { Controller, Get } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Requires } from '../auth/route-access.js';
import { Forbidden } from '../auth/auth.errors.js';
import { ApiProblems } from '../http/api-problems.decorator.js';
import { SchedulePage, viewSchedule } from './schedule.view.js';
import { ScheduleRunsRepository } from './schedule-runs.repository.js';

const RUNS_SHOWN = 5;

@ApiTags('admin')
@ApiBearerAuth()
@Requires('schedules.read')
@Controller('admin/schedules')
export class SchedulesController {
  constructor(private readonly runs: ScheduleRunsRepository) {}

  @Get()
  @ApiOperation({ summary: 'Show the work that runs by the clock, how it last went, and when it is due' })
  @ApiOkResponse({ type: SchedulePage })
  @ApiProblems(Forbidden)
  async list(): Promise<SchedulePage> {
    return { data: (await this.runs.list(RUNS_SHOWN)).map(viewSchedule), next: null };
  }
}
