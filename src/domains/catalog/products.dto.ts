import { ApiProperty, ApiPropertyOptional, PartialType } from '@nestjs/swagger';
import { IsBoolean, IsInt, IsNotIn, IsString, Length, Matches, Max, MaxLength, Min, ValidateIf } from 'class-validator';
import { PageQuery } from '../../platform/http/page.js';
import { ORDER_TOTAL_MAX } from '../../shared/money.js';

/** Units one adjustment may move, in either direction. */
const DELTA_MAX = 1_000_000;

// PostgreSQL's text holds everything but NUL.
const NO_NUL = /^[^\0]*$/;
const ONE_LINE = /^\P{Cc}*$/u;
const CURRENCY = /^[A-Z]{3}$/;

/** May be left out, but not be null. */
const IfGiven = () => ValidateIf((_request, value) => value !== undefined);

export class CreateProduct {
  @ApiProperty({ description: 'Stock keeping unit, unique in the shop.', example: 'MUG-BLUE-350', maxLength: 64 })
  @Matches(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, {
    message: 'sku must be 1 to 64 letters, digits, dots, dashes or underscores',
  })
  sku!: string;

  @ApiProperty({ example: 'Blue mug', minLength: 1, maxLength: 200 })
  @IsString()
  @Length(1, 200)
  @Matches(ONE_LINE, { message: 'name must be one line' })
  name!: string;

  @ApiPropertyOptional({ example: 'Stoneware, 350 ml, dishwasher safe.', maxLength: 4000 })
  @IfGiven()
  @IsString()
  @MaxLength(4_000)
  @Matches(NO_NUL, { message: 'description must not contain NUL' })
  description?: string;

  @ApiProperty({
    description: 'Price of one unit, in minor units of `currency`.',
    example: 1490,
    minimum: 1,
    maximum: ORDER_TOTAL_MAX,
  })
  @IsInt()
  @Min(1)
  @Max(ORDER_TOTAL_MAX)
  unitAmount!: number;

  @ApiPropertyOptional({ description: "ISO 4217 code; without one the shop's own.", example: 'USD' })
  @IfGiven()
  @Matches(CURRENCY, { message: 'currency must be an upper-case ISO 4217 code' })
  currency?: string;

  @ApiPropertyOptional({ description: 'Whether the product is for sale; a new one is, unless told otherwise.' })
  @IfGiven()
  @IsBoolean()
  isActive?: boolean;
}

/** What is left out stays as it is. */
export class ChangeProduct extends PartialType(CreateProduct, { skipNullProperties: false }) {}

export class AdjustStock {
  @ApiProperty({
    description: 'Units that came (positive) or went (negative); never the new total.',
    example: 25,
    minimum: -DELTA_MAX,
    maximum: DELTA_MAX,
  })
  @IsInt()
  @IsNotIn([0])
  @Min(-DELTA_MAX)
  @Max(DELTA_MAX)
  delta!: number;

  @ApiProperty({
    description: 'Why, for the stock ledger. No names of people.',
    example: 'delivery 4711',
    maxLength: 200,
  })
  @IsString()
  @Length(1, 200)
  @Matches(ONE_LINE, { message: 'reason must be one line' })
  reason!: string;
}

export class ListProducts extends PageQuery {
  @ApiPropertyOptional({
    description: 'Text that name, SKU or description contain, in whatever case.',
    example: 'mug',
    maxLength: 100,
  })
  @IfGiven()
  @IsString()
  @Length(1, 100)
  @Matches(ONE_LINE, { message: 'q must be one line' })
  q?: string;

  @ApiPropertyOptional({ description: 'Only products priced in this ISO 4217 currency.', example: 'USD' })
  @IfGiven()
  @Matches(CURRENCY, { message: 'currency must be an upper-case ISO 4217 code' })
  currency?: string;
}
