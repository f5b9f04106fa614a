import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';
import type { PaymentMethod } from '../../contracts/payment-methods.js';
import type { PaymentStatus } from './payment-status.js';

/** What the customer has to do next, in the words of the public surface. */
export type NextAction =
  | { readonly type: 'confirm'; readonly clientSecret: string }
  | { readonly type: 'redirect'; readonly url: string; readonly clientSecret: string }
  | { readonly type: 'transfer'; readonly reference: string };

/** Why a payment failed: the issuer said no, the provider refused to try, it never arrived, or nobody answered. */
export interface PaymentFailure {
  readonly kind: 'card' | 'request' | 'absent' | 'transport';
  readonly code: string;
  readonly declineCode?: string;
  readonly message: string;
}

/** The customer's part of the provider call; with the row's own facts it makes every repetition the same request. */
export interface ProviderRequest {
  readonly paymentMethodId?: string;
  readonly returnUrl?: string;
}

/** A capture that was asked for: committed before the call, so that recovery repeats exactly this one. */
export interface CaptureRequest {
  readonly amount: number;
  readonly idempotencyKey: string;
}

/** One attempt to pay one order. Amounts are minor units; every time is PostgreSQL's. Only `settle()` moves one. */
@Entity('payments')
@Unique('payments_provider_payment_id_key', ['providerPaymentId'])
@Unique('payments_provider_idempotency_key_key', ['providerIdempotencyKey'])
@Index('payments_one_live_per_order', ['orderId'], { unique: true, where: 'live or succeeded: see the migration' })
@Index('payments_order_id_idx', ['orderId', 'id'])
@Index('payments_to_check_idx', ['nextCheckAt'], { where: 'next_check_at IS NOT NULL' })
@Index('payments_needing_review_idx', ['id'], { where: "status = 'needs_review'" })
@Check('payments_status_is_known', 'see the migration')
@Check('payments_method_is_known', 'see the migration')
@Check('payments_capture_method_is_known', 'see the migration')
@Check('payments_currency_is_iso_4217', 'see the migration')
@Check('payments_amounts_are_ordered', 'see the migration')
@Check('payments_succeeded_is_captured', 'see the migration')
export class Payment {
  @PrimaryColumn('uuid') id!: string;
  @ForeignKey('Order') @Column('uuid') orderId!: string;
  @ForeignKey('User') @Column('uuid') userId!: string;
  @Column('bigint') amount!: number;
  @Column('text') currency!: string;
  @Column('text') paymentMethod!: PaymentMethod;
  @Column('text', { default: 'automatic' }) captureMethod!: 'automatic' | 'manual';
  @Column('text') status!: PaymentStatus;
  @Column('text') provider!: string;
  @Column('text', { nullable: true }) providerPaymentId!: string | null;
  @Column('text', { nullable: true }) stripeChargeId!: string | null;
  @Column('text') providerIdempotencyKey!: string;
  @Column('jsonb') providerRequest!: ProviderRequest;
  @Column('timestamptz', { default: () => 'now()' }) firstSubmittedAt!: Date;
  @Column('timestamptz', { default: () => 'now()' }) lastSubmittedAt!: Date;
  @Column('integer', { default: 0 }) answeredSubmits!: number;
  @Column('timestamptz', { nullable: true }) nextCheckAt!: Date | null;
  @Column('integer', { default: 0 }) checks!: number;
  @Column('jsonb', { nullable: true }) captureRequest!: CaptureRequest | null;
  @Column('timestamptz', { nullable: true }) actionExpiresAt!: Date | null;
  @Column('jsonb', { nullable: true }) nextAction!: NextAction | null;
  @Column('bigint', { default: 0 }) capturedAmount!: number;
  @Column('bigint', { default: 0 }) refundedAmount!: number;
  @Column('jsonb', { nullable: true }) lastError!: PaymentFailure | null;
  @Column('integer', { default: 1 }) version!: number;
  @Column('timestamptz', { default: () => 'now()' }) createdAt!: Date;
  @Column('timestamptz', { default: () => 'now()' }) updatedAt!: Date;
}

/** A payment whose provider id is known: it can be asked about, and cancelled. */
export type KnownPayment = Payment & { readonly providerPaymentId: string };

export function isCaptureRequested(
  payment: Payment,
): payment is KnownPayment & { readonly captureRequest: CaptureRequest } {
  return isKnown(payment) && payment.captureRequest !== null;
}

export function isKnown(payment: Payment): payment is KnownPayment {
  return payment.providerPaymentId !== null;
}
