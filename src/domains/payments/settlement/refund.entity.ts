import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';

export type RefundStatus = 'requested' | 'submitting' | 'unknown' | 'pending' | 'succeeded' | 'failed' | 'cancelled';

/** Money on its way back. Its amount is reserved in the payment's `refundedAmount` from the moment it is requested. */
@Entity('refunds')
@Unique('refunds_provider_refund_id_key', ['providerRefundId'])
@Unique('refunds_provider_idempotency_key_key', ['providerIdempotencyKey'])
@Index('refunds_payment_id_idx', ['paymentId'])
@Check('refunds_amount_is_positive', 'see the migration')
@Check('refunds_status_is_known', 'see the migration')
export class Refund {
  @PrimaryColumn('uuid') id!: string;
  @ForeignKey('Payment') @Column('uuid') paymentId!: string;
  @Column('bigint') amount!: number;
  @Column('text') currency!: string;
  @Column('text') reason!: string;
  @Column('text', { default: 'requested' }) status!: RefundStatus;
  @Column('text', { nullable: true }) providerRefundId!: string | null;
  @Column('text') providerIdempotencyKey!: string;
  @Column('uuid', { nullable: true }) requestedBy!: string | null;
  @Column('integer', { default: 1 }) version!: number;
  @Column('timestamptz', { default: () => 'now()' }) createdAt!: Date;
  @Column('timestamptz', { default: () => 'now()' }) updatedAt!: Date;
}
