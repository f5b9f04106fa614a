import { ApiProperty } from '@nestjs/swagger';
import { JOB_NAMES, SCHEDULES, type JobName } from '../../contracts/schedules.js';
import type { ScheduleStanding } from './schedule-runs.repository.js';

export class ScheduleRunView {
  @ApiProperty({ format: 'date-time', description: 'The hour or day it ran for.' }) slot!: string;
  @ApiProperty({ format: 'date-time', description: 'When a worker claimed it.' }) startedAt!: string;
  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'Null while it is at work, and when it failed: then its delivery is retried, and parked in the end.',
  })
  finishedAt!: string | null;
  @ApiProperty({ type: String, nullable: true, example: '17 deleted' }) outcome!: string | null;
}

export class ScheduleView {
  @ApiProperty({ enum: JOB_NAMES, example: 'forget-sessions' }) job!: JobName;
  @ApiProperty({ enum: ['hour', 'day'], description: 'Hours and days begin in UTC.' }) every!: 'hour' | 'day';
  @ApiProperty({ description: 'What it does.' }) what!: string;
  @ApiProperty({ format: 'date-time' }) nextSlot!: string;
  @ApiProperty({ type: [ScheduleRunView], description: 'The last runs, newest first.' }) runs!: ScheduleRunView[];
}

export class SchedulePage {
  @ApiProperty({ type: [ScheduleView] }) data!: ScheduleView[];
  @ApiProperty({ type: String, nullable: true, description: 'Always null: this is all of it.' }) next!: null;
}

export function viewSchedule({ job, nextSlot, runs }: ScheduleStanding): ScheduleView {
  return {
    job,
    ...SCHEDULES[job],
    nextSlot: nextSlot.toISOString(),
    runs: runs.map(({ slot, startedAt, finishedAt, outcome }) => ({
      slot: iso(slot),
      startedAt: iso(startedAt),
      finishedAt: finishedAt === null ? null : iso(finishedAt),
      outcome,
    })),
  };
}

function iso(time: string): string {
  return new Date(time).toISOString();
}
