import { ApiProperty } from '@nestjs/swagger';
import { PAYMENT_METHODS, type PaymentMethod } from '../../../contracts/payment-methods.js';
import { PAYMENT_STATUSES, type PaymentStatus } from '../payment-status.js';
import type { ProviderEvidence } from './evidence.js';
import type { ReviewedPayment } from './reviewed-payments.repository.js';
import { REVIEW_OUTCOMES, type ReviewOutcome } from './reviews.repository.js';

export class ReviewReasonView {
  @ApiProperty({ format: 'uuid' }) id!: string;
  @ApiProperty({ description: 'Why somebody has to look.', example: 'amount-differs' }) reason!: string;
  @ApiProperty({ type: 'object', additionalProperties: true, description: 'What was known, when it began and ended.' })
  evidence!: object;
  @ApiProperty({ format: 'date-time' }) openedAt!: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) resolvedAt!: string | null;
  @ApiProperty({
    type: String,
    format: 'uuid',
    nullable: true,
    description: 'The operator; null while open, or settled.',
  })
  resolvedBy!: string | null;
  @ApiProperty({ type: String, enum: REVIEW_OUTCOMES, nullable: true, description: 'settled: by the provider itself.' })
  outcome!: ReviewOutcome | null;
  @ApiProperty({ type: String, nullable: true }) note!: string | null;
}

export class ReviewCallView {
  @ApiProperty({ example: 'payment_intents.create' }) op!: string;
  @ApiProperty({ type: String, nullable: true, description: 'The idempotency key it was made with.' }) key!:
    string | null;
  @ApiProperty({ example: 'unknown' }) outcome!: string;
  @ApiProperty({ type: String, nullable: true, description: "The provider's own id of the request." })
  requestId!: string | null;
  @ApiProperty({ format: 'date-time' }) startedAt!: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) endedAt!: string | null;
}

export class ProviderNowView {
  @ApiProperty({ example: 'succeeded' }) status!: string;
  @ApiProperty({ type: String, nullable: true, example: 'pi_3Nx…' }) providerPaymentId!: string | null;
  @ApiProperty({ type: Number, nullable: true, description: 'Minor units.', example: 4_900 }) amount!: number | null;
  @ApiProperty({ type: String, nullable: true, example: 'USD' }) currency!: string | null;
  @ApiProperty({ type: String, nullable: true, example: 'card_declined' }) reason!: string | null;
  @ApiProperty({ format: 'date-time' }) at!: string;
}

export class ReviewEvidenceView {
  @ApiProperty({ type: [ReviewCallView], description: 'Our calls about this payment, the newest 20 first.' })
  calls!: ReviewCallView[];

  @ApiProperty({
    type: ProviderNowView,
    nullable: true,
    description: 'What the provider says now; null when it was not asked, or did not answer in time.',
  })
  provider!: ProviderNowView | null;
}

export class ReviewView {
  @ApiProperty({ format: 'uuid' }) paymentId!: string;
  @ApiProperty({ format: 'uuid' }) orderId!: string;
  @ApiProperty({ enum: PAYMENT_STATUSES, example: 'needs_review' }) status!: PaymentStatus;
  @ApiProperty({ description: 'Minor units of `currency`.', example: 4_900 }) amount!: number;
  @ApiProperty({ description: 'ISO 4217.', example: 'USD' }) currency!: string;
  @ApiProperty({ enum: PAYMENT_METHODS }) paymentMethod!: PaymentMethod;
  @ApiProperty({ description: 'Minor units; what we have booked.', example: 0 }) capturedAmount!: number;
  @ApiProperty({ type: [ReviewReasonView], description: 'Newest first.' }) reasons!: ReviewReasonView[];
  @ApiProperty({ type: ReviewEvidenceView }) evidence!: ReviewEvidenceView;
}

export class ReviewPage {
  @ApiProperty({ type: [ReviewView] }) data!: ReviewView[];
  @ApiProperty({ type: String, nullable: true, description: 'Pass as `after`; null at the end.' }) next!: string | null;
}

export function viewReview(payment: ReviewedPayment, provider: ProviderEvidence | null): ReviewView {
  const { id: paymentId, orderId, status, amount, currency, paymentMethod, capturedAmount } = payment;
  const facts = { paymentId, orderId, status, amount, currency, paymentMethod, capturedAmount };
  const reasons = payment.reviews.map((review) => ({
    ...review,
    openedAt: iso(review.openedAt),
    resolvedAt: isoOrNull(review.resolvedAt),
  }));
  const calls = payment.calls.map((call) => ({
    ...call,
    startedAt: iso(call.startedAt),
    endedAt: isoOrNull(call.endedAt),
  }));
  return { ...facts, reasons, evidence: { calls, provider: provider && viewNow(provider) } };
}

function viewNow({ status, providerPaymentId, amount, currency, reason, at }: ProviderEvidence): ProviderNowView {
  return { status, providerPaymentId, amount, currency, reason, at };
}

function isoOrNull(time: string | null): string | null {
  return time === null ? null : iso(time);
}

function iso(time: string): string {
  return new Date(time).toISOString();
}
