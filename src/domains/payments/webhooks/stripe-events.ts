import { Inject, Injectable } from '@nestjs/common';
import type Stripe from 'stripe';
import { STRIPE, type StripeClient } from '../strategies/stripe.client.js';

const PAGE = 100;

/** Stripe's own list of what it has told, or would have. */
@Injectable()
export class StripeEvents {
  constructor(@Inject(STRIPE) private readonly stripe: StripeClient) {}

  /** Page by page, newest first, back to that moment. @throws when Stripe does not answer */
  async *since(moment: Date): AsyncGenerator<Stripe.Event[]> {
    const created = { gte: Math.floor(moment.getTime() / 1_000) };
    let after: string | undefined;
    do {
      const startingAfter = after ? { starting_after: after } : {};
      const page = await this.stripe.events.list({ created, limit: PAGE, ...startingAfter });
      yield page.data;
      after = page.has_more ? page.data.at(-1)?.id : undefined;
    } while (after);
  }
}
