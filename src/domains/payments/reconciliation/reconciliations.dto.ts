import { ApiProperty } from '@nestjs/swagger';
import { IsISO8601, IsOptional, Matches } from 'class-validator';
import { InvalidRequest } from '../../../shared/errors.js';
import type { Window } from './stripe-lists.js';

const DAY_MS = 86_400_000;
/** Longer ones are asked for in parts. */
const WINDOW_DAYS_MAX = 92;

// Without an offset it would be the server's own time of day.
const MOMENT = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d))?$/;
const SHAPE = 'must be a day (2026-11-25, which begins in UTC) or a time with Z or an offset';

export class RequestReconciliation {
  @ApiProperty({
    required: false,
    example: '2026-11-24',
    description: 'ISO 8601; default: the usual days before `to`.',
  })
  @IsOptional()
  @IsISO8601({ strict: true }, { message: `from ${SHAPE}` })
  @Matches(MOMENT, { message: `from ${SHAPE}` })
  from?: string;

  @ApiProperty({
    required: false,
    example: '2026-11-25T00:00:00Z',
    description: 'ISO 8601; default, and at most: now.',
  })
  @IsOptional()
  @IsISO8601({ strict: true }, { message: `to ${SHAPE}` })
  @Matches(MOMENT, { message: `to ${SHAPE}` })
  to?: string;
}

/** @throws InvalidRequest when the window is empty, or too long to be asked for at once */
export function windowOf({ from, to }: RequestReconciliation, lookbackDays: number): Window {
  const now = new Date();
  const end = to === undefined || new Date(to) > now ? now : new Date(to);
  const begin = from === undefined ? new Date(end.getTime() - lookbackDays * DAY_MS) : new Date(from);
  if (!(begin < end)) throw new InvalidRequest([{ pointer: '#/to', detail: 'to must be after from' }]);
  if (end.getTime() - begin.getTime() > WINDOW_DAYS_MAX * DAY_MS) {
    throw new InvalidRequest([{ pointer: '#/from', detail: `from must be at most ${WINDOW_DAYS_MAX} days before to` }]);
  }
  return { from: begin, to: end };
}
