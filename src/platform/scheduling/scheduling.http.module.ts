import { Module } from '@nestjs/common';
import { ScheduleRunsRepository } from './schedule-runs.repository.js';
import { SchedulesController } from './schedules.controller.js';

@Module({ controllers: [SchedulesController], providers: [ScheduleRunsRepository] })
export class SchedulingHttpModule {}
