import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  Matches,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { PageQuery } from '../../platform/http/page.js';
import { ORDER_STATUSES, type OrderStatus } from './order-status.js';

const ITEMS_MAX = 50;
const QUANTITY_MAX = 999;

export class OrderLine {
  @ApiProperty({ format: 'uuid', example: '019b76da-a800-7f8e-8e5d-72ff9726dab3' })
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.toLowerCase() : value))
  @IsUUID()
  productId!: string;

  @ApiProperty({ description: 'Units.', minimum: 1, maximum: QUANTITY_MAX, example: 2 })
  @IsInt()
  @Min(1)
  @Max(QUANTITY_MAX)
  quantity!: number;
}

export class PlaceOrder {
  @ApiProperty({
    type: [OrderLine],
    minItems: 1,
    maxItems: ITEMS_MAX,
    description: 'Each product once, all priced in one currency. The prices are ours.',
  })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(ITEMS_MAX)
  @ArrayUnique((line: Partial<OrderLine>) => line.productId, { message: 'items must name each product once' })
  @ValidateNested({ each: true })
  @Type(() => OrderLine)
  items!: OrderLine[];
}

export class CancelOrder {
  @ApiPropertyOptional({ description: 'Why, in your own words.', example: 'Found it cheaper', maxLength: 200 })
  @IsOptional()
  @IsString()
  @Length(1, 200)
  @Matches(/^\P{Cc}*$/u, { message: 'reason must be one line' })
  reason?: string;
}

export class ListOrders extends PageQuery {
  @ApiPropertyOptional({ enum: ORDER_STATUSES, enumName: 'OrderStatus', description: 'Only orders that are so now.' })
  @IsOptional()
  @IsIn(ORDER_STATUSES)
  status?: OrderStatus;
}
