import { ApiProperty } from '@nestjs/swagger';
import { ORDER_STATUSES, type OrderStatus } from './order-status.js';

export class OrderItemView {
  @ApiProperty({ format: 'uuid', example: '019b76da-a800-7f8e-8e5d-72ff9726dab3' })
  productId!: string;

  @ApiProperty({ description: 'As it was when ordered.', example: 'MUG-BLUE-350' })
  sku!: string;

  @ApiProperty({ description: 'As it was when ordered.', example: 'Blue stoneware mug' })
  name!: string;

  @ApiProperty({
    description: "Price of one unit when ordered, in minor units of the order's currency.",
    example: 1490,
  })
  unitAmount!: number;

  @ApiProperty({ minimum: 1, maximum: 999, example: 2 })
  quantity!: number;
}

export class OrderView {
  @ApiProperty({ format: 'uuid', example: '019b7a10-3c00-7d11-9a55-0c8f6f2b7e42' })
  id!: string;

  @ApiProperty({ enum: ORDER_STATUSES, enumName: 'OrderStatus', description: '`completed` means paid in full.' })
  status!: OrderStatus;

  @ApiProperty({ description: 'ISO 4217 code.', example: 'USD' })
  currency!: string;

  @ApiProperty({ description: 'Sum of all lines, in minor units of `currency`.', example: 2980 })
  totalAmount!: number;

  @ApiProperty({ type: [OrderItemView], description: 'In the order they were asked for.' })
  items!: OrderItemView[];

  @ApiProperty({
    format: 'date-time',
    description: 'A pending order without a payment is cancelled then.',
    example: '2026-11-25T10:30:00.000Z',
  })
  expiresAt!: string;

  @ApiProperty({ format: 'date-time', example: '2026-11-25T10:00:00.000Z' })
  createdAt!: string;
}

export class OrderPage {
  @ApiProperty({ type: [OrderView] })
  data!: OrderView[];

  @ApiProperty({ type: String, nullable: true, description: '`after` of the next page; null at the end.' })
  next!: string | null;
}

export class TimelineEntry {
  @ApiProperty({ format: 'uuid', description: 'The event.', example: '019b7a10-3c00-7d11-9a55-0c8f6f2b7e43' })
  id!: string;

  @ApiProperty({ format: 'date-time', example: '2026-11-25T10:00:00.000Z' })
  at!: string;

  @ApiProperty({ description: 'What happened.', example: 'order.placed' })
  event!: string;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description: 'Ids and plain facts of the event; never personal data.',
    example: { orderId: '019b7a10-3c00-7d11-9a55-0c8f6f2b7e42', totalAmount: 2980, currency: 'USD' },
  })
  facts!: Record<string, unknown>;
}

export class TimelinePage {
  @ApiProperty({ type: [TimelineEntry], description: 'Oldest first.' })
  data!: TimelineEntry[];

  @ApiProperty({ type: String, nullable: true, description: '`after` of the next page; null at the end.' })
  next!: string | null;
}
