import { ApiProperty } from '@nestjs/swagger';
import type { RecordsByKind } from '../../../contracts/personal-records.js';
import { MailedToken } from '../credentials.dto.js';

export class GetExport {
  @MailedToken('The `token` of the link in the mail.')
  token!: string;
}

export class ExportView {
  @ApiProperty({ description: 'When it was put together.', format: 'date-time', example: '2026-11-02T09:30:00.000Z' })
  madeAt!: string;

  @ApiProperty({
    description: 'Everything kept about you, by what it is; newest first, and at most 10,000 of each kind.',
    type: 'object',
    additionalProperties: { type: 'array', items: { type: 'object', additionalProperties: true } },
    example: { orders: [{ id: '019b76da-a800-7a3e-8b54-5a0d2c1f9e01', status: 'completed' }] },
  })
  records!: RecordsByKind;
}
