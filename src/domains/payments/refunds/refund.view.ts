import { ApiProperty } from '@nestjs/swagger';
import type { Refund } from './refund.entity.js';
import { REFUND_STATUSES, type RefundStatus } from './refund-status.js';

export class RefundView {
  @ApiProperty({ format: 'uuid' }) id!: string;
  @ApiProperty({ format: 'uuid' }) paymentId!: string;
  @ApiProperty({
    enum: REFUND_STATUSES,
    description: 'requested, submitting, unknown: not known yet; pending: the bank is at it. The amount is reserved.',
    example: 'succeeded',
  })
  status!: RefundStatus;
  @ApiProperty({ description: 'Minor units of `currency`.', example: 1_490 }) amount!: number;
  @ApiProperty({ description: "ISO 4217; always the payment's.", example: 'USD' }) currency!: string;
  @ApiProperty({ example: 'arrived broken' }) reason!: string;
  @ApiProperty({
    type: String,
    format: 'uuid',
    nullable: true,
    description: "Who of support asked; null for a late success, or one made in the provider's dashboard.",
  })
  requestedBy!: string | null;
  @ApiProperty({ format: 'date-time' }) createdAt!: string;
}

export class RefundPage {
  @ApiProperty({ type: [RefundView] }) data!: RefundView[];
  @ApiProperty({ type: String, nullable: true, description: 'Pass as `after`; null at the end.' }) next!: string | null;
}

export function viewRefund(refund: Refund): RefundView {
  const { id, paymentId, status, amount, currency, reason, requestedBy, createdAt } = refund;
  return { id, paymentId, status, amount, currency, reason, requestedBy, createdAt: createdAt.toISOString() };
}
