import { Inject, Injectable } from '@nestjs/common';
import Stripe from 'stripe';
import { unanswered } from '../provider-silence.js';
import { fromStripeAmount } from '../strategies/stripe-amounts.js';
import { STRIPE, type StripeClient } from '../strategies/stripe.client.js';
import type { DisputedMoney, DisputeReport } from './dispute-settlement.js';
import type { DisputeStatus } from './dispute.entity.js';

/**
 * Stripe's words in ours (https://docs.stripe.com/api/disputes/object#dispute_object-status). An appeal against a lost
 * one leaves it lost until there is another verdict.
 */
const STATUSES: ReadonlyMap<string, DisputeStatus> = new Map([
  ['warning_needs_response', 'inquiry'],
  ['warning_under_review', 'inquiry'],
  ['warning_closed', 'closed'],
  ['prevented', 'closed'],
  ['needs_response', 'needs_response'],
  ['under_review', 'under_review'],
  ['appeal_needs_response', 'under_review'],
  ['appeal_under_review', 'under_review'],
  ['won', 'won'],
  ['lost', 'lost'],
]);

@Injectable()
export class StripeDisputes {
  constructor(@Inject(STRIPE) private readonly stripe: StripeClient) {}

  /** Asks about a dispute somebody named; null when Stripe has none of that id. Throws where there is no answer. */
  async retrieve(id: string): Promise<DisputeReport | null> {
    try {
      return readDispute(await this.stripe.disputes.retrieve(id));
    } catch (error) {
      if (!(error instanceof Stripe.errors.StripeError)) throw error;
      if (error instanceof Stripe.errors.StripeInvalidRequestError && error.code === 'resource_missing') return null;
      throw unanswered({ code: error.code ?? error.type });
    }
  }
}

/** @throws when it has a status or an amount we do not know how to hold: an operator has to look, nothing is guessed */
export function readDispute(dispute: Stripe.Dispute): DisputeReport {
  const status = STATUSES.get(dispute.status);
  if (!status) throw new Error(`a dispute with the status ${dispute.status}`);
  const { payment_intent: intent, evidence_details: evidence, balance_transactions: moved } = dispute;
  return {
    providerDisputeId: dispute.id,
    providerPaymentId: typeof intent === 'object' ? (intent?.id ?? null) : intent,
    claimed: fromStripeAmount(dispute.amount, dispute.currency),
    reason: dispute.reason,
    status,
    dueBy: evidence.due_by ? new Date(evidence.due_by * 1_000) : null,
    withdrawn: readMoney(moved.find(({ amount }) => amount < 0)),
    reinstated: readMoney(moved.find(({ amount }) => amount > 0)),
  };
}

function readMoney(transaction: Stripe.BalanceTransaction | undefined): DisputedMoney | null {
  if (!transaction) return null;
  const { amount, fee, currency } = transaction;
  return { money: fromStripeAmount(Math.abs(amount), currency), fee: fromStripeAmount(fee, currency) };
}
