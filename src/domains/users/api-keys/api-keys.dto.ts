import { ApiProperty } from '@nestjs/swagger';
import { ArrayMinSize, ArrayUnique, IsArray, IsIn, IsISO8601, Matches } from 'class-validator';
import { SCOPES, type Permission } from '../../../contracts/permissions.js';
import { DisplayName } from '../users.dto.js';

// Without an offset it would be the server's own time of day.
const MOMENT = /(Z|[+-]\d\d:\d\d)$/;
const MOMENT_MESSAGE = 'expiresAt must be a time with Z or an offset';

export class MakeApiKey {
  @ApiProperty({ description: 'To tell your keys apart.', example: 'nightly export', minLength: 1, maxLength: 100 })
  @DisplayName('name')
  name!: string;

  @ApiProperty({
    description: 'What the key may do: nothing that you may not. Taken from you, it is taken from the key.',
    enum: SCOPES,
    enumName: 'Scope',
    isArray: true,
    minItems: 1,
    example: ['orders.read'],
  })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayUnique()
  @IsIn(SCOPES, { each: true })
  scopes!: Permission[];

  @ApiProperty({
    description: 'When it ends by itself: ISO 8601, within a year.',
    format: 'date-time',
    example: '2027-06-30T00:00:00Z',
  })
  @Matches(MOMENT, { message: MOMENT_MESSAGE })
  @IsISO8601({ strict: true }, { message: MOMENT_MESSAGE })
  expiresAt!: string;
}
