import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import {
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsOptional,
  IsString,
  Length,
  Matches,
} from 'class-validator';
import { ROLES, type Role } from '../../../contracts/roles.js';
import { PageQuery } from '../../../platform/http/page.js';

const PREFIX_LENGTH_MAX = 254;

export class ListUsers extends PageQuery {
  @ApiPropertyOptional({
    description: 'What the address begins with, in whatever case.',
    example: 'anna@',
    maxLength: PREFIX_LENGTH_MAX,
  })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.trim().toLowerCase() : value))
  @Matches(/^[\x21-\x7e]*$/, { message: 'q must be the beginning of an address, in ASCII' })
  @Length(1, PREFIX_LENGTH_MAX)
  @IsString()
  q?: string;

  @ApiPropertyOptional({ description: 'Only who has this role.', enum: ROLES, enumName: 'Role' })
  @IsOptional()
  @IsIn(ROLES)
  role?: Role;
}

export class ChangeUser {
  @ApiProperty({
    description: 'False shuts the account: its sessions end at once, and nobody logs in.',
    example: false,
  })
  @IsBoolean()
  isActive!: boolean;
}

export class SetRoles {
  @ApiProperty({
    description: 'All the roles the user has from now on.',
    enum: ROLES,
    enumName: 'Role',
    isArray: true,
    minItems: 1,
    example: ['user', 'support'],
  })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayUnique()
  @IsIn(ROLES, { each: true })
  roles!: Role[];
}
