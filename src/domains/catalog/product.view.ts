import { ApiProperty } from '@nestjs/swagger';
import type { Product } from './product.entity.js';

export class ProductView {
  @ApiProperty({ format: 'uuid', example: '019b76da-a800-7f8e-8e5d-72ff9726dab3' })
  id!: string;

  @ApiProperty({ description: 'Stock keeping unit, unique in the shop.', example: 'MUG-BLUE-350' })
  sku!: string;

  @ApiProperty({ example: 'Blue stoneware mug' })
  name!: string;

  @ApiProperty({ example: 'Hand-glazed stoneware, 350 ml, dishwasher safe.' })
  description!: string;

  @ApiProperty({ description: 'Price of one unit, in minor units of `currency`.', example: 1490 })
  unitAmount!: number;

  @ApiProperty({ description: 'ISO 4217 code.', example: 'USD' })
  currency!: string;

  @ApiProperty({
    description: 'Units on hand. It may be five minutes old: placing an order decides.',
    minimum: 0,
    example: 40,
  })
  available!: number;

  @ApiProperty({ description: 'Whether the product is for sale. Only admins see one that is not.', example: true })
  isActive!: boolean;
}

export class ProductPage {
  @ApiProperty({ type: [ProductView] })
  data!: ProductView[];

  @ApiProperty({ type: String, nullable: true, description: '`after` of the next page; null at the end.' })
  next!: string | null;
}

export class StockView {
  @ApiProperty({ description: 'Units on hand after the adjustment.', minimum: 0, example: 40 })
  stockOnHand!: number;
}

export function viewProduct(product: Product): ProductView {
  const { id, sku, name, description, unitAmount, currency, stockOnHand: available, isActive } = product;
  return { id, sku, name, description, unitAmount, currency, available, isActive };
}
