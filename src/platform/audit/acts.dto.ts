import { ApiPropertyOptional, IntersectionType } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, IsUUID, Matches } from 'class-validator';
import { ACT_NAMES, type Act } from '../../contracts/acts.js';
import { PageQuery } from '../http/page.js';
import { PeriodQuery } from '../http/period.js';

export class ListActs extends IntersectionType(PageQuery, PeriodQuery) {
  @ApiPropertyOptional({ format: 'uuid', description: 'Only what this user did.' })
  @IsOptional()
  @IsUUID()
  actorId?: string;

  @ApiPropertyOptional({ enum: ACT_NAMES, enumName: 'Act', description: 'Only acts of this kind.' })
  @IsOptional()
  @IsIn(ACT_NAMES)
  act?: Act;

  @ApiPropertyOptional({
    description: 'Only what was done to this.',
    example: 'payment-0190a1b2-0000-7000-8000-000000000005',
  })
  @IsOptional()
  @IsString()
  @Matches(/^[a-z][a-z-]{0,30}-[0-9a-f-]{36}$/, { message: 'subject must be like payment-<id>' })
  subject?: string;
}
