import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';
import type { PaymentFailure } from '../payment.entity.js';
import type { RefundStatus } from './refund-status.js';

/**
 * Money on its way back, in minor units of the payment's currency. It is reserved in the payment's `refundedAmount` from
 * the moment it is requested until it has failed or was cancelled. Only its `settle()` says how it went.
 */
@Entity('refunds')
@Unique('refunds_provider_refund_id_key', ['providerRefundId'])
@Unique('refunds_provider_idempotency_key_key', ['providerIdempotencyKey'])
@Index('refunds_payment_id_idx', ['paymentId'])
@Index('refunds_to_check_idx', ['nextCheckAt'], { where: 'next_check_at IS NOT NULL' })
@Check('refunds_amount_is_positive', 'see the migration')
@Check('refunds_status_is_known', 'see the migration')
@Check('refunds_are_booked_while_gone', 'see the migration')
export class Refund {
  @PrimaryColumn('uuid') id!: string;
  @ForeignKey('Payment') @Column('uuid') paymentId!: string;
  @Column('bigint') amount!: number;
  @Column('text') currency!: string;
  @Column('text') reason!: string;
  @Column('text', { default: 'requested' }) status!: RefundStatus;
  @Column('text', { nullable: true }) providerRefundId!: string | null;
  @Column('text') providerIdempotencyKey!: string;
  /** Null where nobody of ours asked: a late success, or the provider's dashboard. */
  @Column('uuid', { nullable: true }) requestedBy!: string | null;
  /** The ledger says that this money is not with its holder any more. */
  @Column('boolean', { default: false }) isBooked!: boolean;
  @Column('timestamptz', { nullable: true }) firstSubmittedAt!: Date | null;
  @Column('timestamptz', { nullable: true }) lastSubmittedAt!: Date | null;
  @Column('timestamptz', { nullable: true, default: () => 'now()' }) nextCheckAt!: Date | null;
  @Column('integer', { default: 0 }) checks!: number;
  @Column('jsonb', { nullable: true }) lastError!: PaymentFailure | null;
  @Column('integer', { default: 1 }) version!: number;
  @Column('timestamptz', { default: () => 'now()' }) createdAt!: Date;
  @Column('timestamptz', { default: () => 'now()' }) updatedAt!: Date;
}

/** A refund the provider has given an id: it can be asked about. */
export type KnownRefund = Refund & { readonly providerRefundId: string };

export function isKnownRefund(refund: Refund): refund is KnownRefund {
  return refund.providerRefundId !== null;
}
