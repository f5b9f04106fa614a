import { ApiProperty } from '@nestjs/swagger';
import { PAYMENT_METHODS, type PaymentMethod } from '../../contracts/payment-methods.js';
import type { NextAction, Payment } from './payment.entity.js';
import { PAYMENT_STATUSES, type PaymentStatus } from './payment-status.js';

export class NextActionView {
  @ApiProperty({
    enum: ['confirm', 'redirect', 'transfer'],
    description: 'confirm: with Stripe.js; redirect: send the customer to `url`; transfer: have `reference` quoted.',
  })
  type!: 'confirm' | 'redirect' | 'transfer';

  @ApiProperty({ required: false, description: 'For Stripe.js; never log or store it.', example: 'pi_3Nx…_secret_Yq…' })
  clientSecret?: string;

  @ApiProperty({ required: false, description: 'To be quoted in the transfer.', example: 'PUR-70D3-EA3C-1F2B' })
  reference?: string;

  @ApiProperty({
    required: false,
    description: 'Where the customer authenticates.',
    example: 'https://hooks.stripe.com/3d_secure/…',
  })
  url?: string;
}

export class PaymentView {
  @ApiProperty({ format: 'uuid' }) id!: string;
  @ApiProperty({ format: 'uuid' }) orderId!: string;
  @ApiProperty({ enum: PAYMENT_STATUSES, example: 'succeeded' }) status!: PaymentStatus;
  @ApiProperty({ description: "Minor units of `currency`; always the order's total.", example: 4_900 }) amount!: number;
  @ApiProperty({ description: 'ISO 4217.', example: 'USD' }) currency!: string;
  @ApiProperty({ enum: PAYMENT_METHODS }) paymentMethod!: PaymentMethod;
  @ApiProperty({ description: 'Minor units; what the provider captured.', example: 4_900 }) capturedAmount!: number;
  @ApiProperty({ description: 'Minor units; what goes back or went back.', example: 0 }) refundedAmount!: number;
  @ApiProperty({ type: NextActionView, nullable: true, description: 'What the customer has to do; else null.' })
  nextAction!: NextAction | null;
  @ApiProperty({ format: 'date-time' }) createdAt!: string;
}

export class PaymentPage {
  @ApiProperty({ type: [PaymentView] }) data!: PaymentView[];
  @ApiProperty({ type: String, nullable: true, description: 'Pass as `after`; null at the end.' }) next!: string | null;
}

export function viewPayment(payment: Payment): PaymentView {
  const { id, orderId, status, amount, currency, paymentMethod, capturedAmount, refundedAmount, createdAt } = payment;
  const isWaiting = status === 'requires_action' || status === 'awaiting_confirmation';
  const nextAction = isWaiting ? payment.nextAction : null;
  return {
    id,
    orderId,
    status,
    amount,
    currency,
    paymentMethod,
    capturedAmount,
    refundedAmount,
    nextAction,
    createdAt: createdAt.toISOString(),
  };
}
