import { ApiProperty } from '@nestjs/swagger';
import { IsISO8601, IsOptional, Matches } from 'class-validator';
import { InvalidRequest } from '../../shared/errors.js';

// Without an offset it would be the server's own time of day.
const MOMENT = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d))?$/;
const SHAPE = 'must be a day (2026-11-25, which begins in UTC) or a time with Z or an offset';

/** A stretch of time, open where a bound is left out. */
export class PeriodQuery {
  @ApiProperty({ required: false, description: 'From then on: ISO 8601.', example: '2026-11-01' })
  @IsOptional()
  @IsISO8601({ strict: true }, { message: `from ${SHAPE}` })
  @Matches(MOMENT, { message: `from ${SHAPE}` })
  from?: string;

  @ApiProperty({ required: false, description: 'Before then: ISO 8601.', example: '2026-12-01T00:00:00Z' })
  @IsOptional()
  @IsISO8601({ strict: true }, { message: `to ${SHAPE}` })
  @Matches(MOMENT, { message: `to ${SHAPE}` })
  to?: string;
}

/** @throws InvalidRequest when it would end before it begins */
export function periodOf({ from, to }: PeriodQuery): { from: Date | null; to: Date | null } {
  const period = { from: momentOf('from', from), to: momentOf('to', to) };
  if (period.from && period.to && period.from >= period.to) {
    throw new InvalidRequest([{ pointer: '#/to', detail: 'to must be after from' }]);
  }
  return period;
}

function momentOf(name: string, text: string | undefined): Date | null {
  if (text === undefined) return null;
  const moment = new Date(text);
  if (Number.isNaN(moment.getTime())) throw new InvalidRequest([{ pointer: `#/${name}`, detail: `${name} ${SHAPE}` }]);
  return moment;
}
