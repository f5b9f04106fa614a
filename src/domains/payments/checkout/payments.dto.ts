import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, Length, Matches } from 'class-validator';
import { PAYMENT_METHODS, type PaymentMethod } from '../../../contracts/payment-methods.js';

export class PayOrder {
  @ApiProperty({ enum: PAYMENT_METHODS, example: 'card' })
  @IsIn(PAYMENT_METHODS)
  paymentMethod!: PaymentMethod;

  @ApiProperty({
    required: false,
    example: 'pm_card_visa',
    description: 'Confirmed at once. Without one the reply carries a client secret, and Stripe.js confirms.',
  })
  @IsOptional()
  @Matches(/^pm_[A-Za-z0-9_]{1,128}$/, { message: 'paymentMethodId must look like pm_…' })
  paymentMethodId?: string;

  @ApiProperty({
    required: false,
    enum: ['automatic', 'manual'],
    default: 'automatic',
    description: 'manual: reserve now, capture later.',
  })
  @IsOptional()
  @IsIn(['automatic', 'manual'])
  captureMethod?: 'automatic' | 'manual';

  @ApiProperty({
    required: false,
    example: 'https://shop.example/thanks',
    description: 'Where 3-D Secure returns to: a public https address.',
  })
  @IsOptional()
  @IsString()
  @Length(1, 2_000)
  returnUrl?: string;
}
