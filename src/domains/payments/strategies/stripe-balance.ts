import { Inject, Injectable } from '@nestjs/common';
import type Stripe from 'stripe';
import type { Money } from '../../../shared/money.js';
import { fromStripeAmount } from './stripe-amounts.js';
import { STRIPE, type StripeClient } from './stripe.client.js';

/** What Stripe's own balance says about money it holds for us. */
@Injectable()
export class StripeBalance {
  constructor(@Inject(STRIPE) private readonly stripe: StripeClient) {}

  /**
   * What Stripe keeps of a charge, in the currency it settles in; null while it has not booked the charge itself.
   * Throws what the client throws.
   */
  async feeOf(chargeId: string): Promise<Money | null> {
    const charge = await this.stripe.charges.retrieve(chargeId, { expand: ['balance_transaction'] });
    const transaction = charge.balance_transaction;
    return isExpanded(transaction) ? fromStripeAmount(transaction.fee, transaction.currency) : null;
  }
}

function isExpanded(transaction: string | Stripe.BalanceTransaction | null): transaction is Stripe.BalanceTransaction {
  return typeof transaction === 'object' && transaction !== null;
}
