import { ApiProperty } from '@nestjs/swagger';
import { ACT_NAMES, type Act } from '../../contracts/acts.js';
import type { RecordedAct } from './acts.repository.js';

/** One act of somebody who runs the shop. */
export class ActView {
  @ApiProperty({ format: 'uuid', example: '0190a1b2-0000-7000-8000-000000000009' })
  id!: string;

  @ApiProperty({ description: 'What was done.', enum: ACT_NAMES, enumName: 'Act', example: 'payments.capture' })
  act!: Act;

  @ApiProperty({ description: 'Who did it.', type: String, format: 'uuid', nullable: true })
  actorId!: string | null;

  @ApiProperty({
    description: 'The API key they did it with, if it was one.',
    type: String,
    format: 'uuid',
    nullable: true,
  })
  apiKeyId!: string | null;

  @ApiProperty({ description: 'What it was done to.', example: 'payment-0190a1b2-0000-7000-8000-000000000005' })
  subject!: string;

  @ApiProperty({
    description: 'What is different now, as it was; null where nothing was, and once it is forgotten.',
    type: 'object',
    additionalProperties: true,
    nullable: true,
    example: { status: 'authorized' },
  })
  before!: Record<string, unknown> | null;

  @ApiProperty({
    description: 'What is different now, as it became.',
    type: 'object',
    additionalProperties: true,
    nullable: true,
    example: { amount: 2_600 },
  })
  after!: Record<string, unknown> | null;

  @ApiProperty({ description: 'Where from; null once it is forgotten.', type: String, nullable: true })
  ip!: string | null;

  @ApiProperty({ description: 'What the client called itself.', type: String, nullable: true })
  device!: string | null;

  @ApiProperty({ description: 'The request that did it.', type: String, nullable: true })
  requestId!: string | null;

  @ApiProperty({ format: 'date-time', example: '2026-11-02T09:30:00.000Z' })
  occurredAt!: string;
}

export class ActPage {
  @ApiProperty({ description: 'Newest first.', type: [ActView] })
  data!: ActView[];

  @ApiProperty({ description: 'The `after` of the next page; null at the end.', type: String, nullable: true })
  next!: string | null;
}

export function viewAct({ occurredAt, ...act }: RecordedAct): ActView {
  return { ...act, occurredAt: occurredAt.toISOString() };
}
