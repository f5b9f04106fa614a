import { defineError } from '../../../shared/errors.js';

export class ReviewNotFound extends defineError('review-not-found', 'not-found', 'The payment has no review') {
  constructor(paymentId: string) {
    super(`Nobody was asked to look at payment ${paymentId}.`);
  }
}

export class ReviewResolved extends defineError('review-resolved', 'conflict', 'The review is resolved') {
  constructor(paymentId: string) {
    super(`Whatever was open about payment ${paymentId} is resolved.`);
  }
}

/** Whoever resolves a review reports what is so; they do not decide it. */
export class OutcomeContradicted extends defineError(
  'outcome-contradicted',
  'conflict',
  'The facts do not support this outcome',
) {
  constructor(outcome: string, facts: { paymentStatus: string; providerStatus: string | null }) {
    const provider = facts.providerStatus === null ? '' : `, and the provider says ${facts.providerStatus}`;
    super(`The outcome is said to be ${outcome}; the payment is ${facts.paymentStatus}${provider}.`, facts);
  }
}
