import { Process, Processor } from '@nestjs/bull';
import { Inject } from '@nestjs/common';
import type { Job } from 'bull';
import Stripe from 'stripe';
import type { PaymentFact, RecordedEvent } from '../../../contracts/domain-events.js';
import { CONFIG, type Config } from '../../../platform/config/config.js';
import { Consumer, type Effect, type Handlers, Postpone } from '../../../platform/events/consumer.js';
import type { DispatchedDelivery } from '../../../platform/events/deliveries.repository.js';
import type { Money } from '../../../shared/money.js';
import { StripeBalance } from '../strategies/stripe-balance.js';
import { transfer } from './ledger-book.js';
import { LedgerRepository } from './ledger.repository.js';

/** Nobody waits for a fee: while Stripe is silent, or has not booked the charge, it is asked again this often and long. */
const BACKOFFS_BETWEEN_LOOKS = 10;
const PATIENCE_MS = 86_400_000;

/** Books what the provider kept of a capture, after the customer has long been answered. */
@Processor('provider-fees')
export class ProviderFeesProcessor {
  private readonly handlers: Handlers<'provider-fees'> = {
    'payment.succeeded': (event) => this.fee(event),
    'payment.late-succeeded': (event) => this.fee(event),
  };

  constructor(
    private readonly consumer: Consumer,
    private readonly balance: StripeBalance,
    private readonly ledger: LedgerRepository,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** One at a time: customers want the connections. */
  @Process({ concurrency: 1 })
  hear(job: Job<DispatchedDelivery>): Promise<void> {
    return this.consumer.consume(job.data, this.handlers);
  }

  private async fee({ payload, ageMs }: Captured): Promise<Effect> {
    const { paymentId: sourceId, chargeId } = payload;
    // Nobody keeps a part of what a bank or a courier brought.
    if (!chargeId) return nothing;
    const fee = await this.ask(chargeId, ageMs);
    if (fee.amount === 0) return nothing;
    const entries = transfer(fee, { debit: 'fees:stripe', credit: 'provider:stripe' });
    return async (tx) => void (await this.ledger.book(tx, { kind: 'fee', sourceId, entries }));
  }

  private async ask(chargeId: string, ageMs: number): Promise<Money> {
    try {
      const fee = await this.balance.feeOf(chargeId);
      if (fee) return fee;
    } catch (error) {
      if (isRefusal(error) || ageMs > PATIENCE_MS) throw error;
    }
    if (ageMs > PATIENCE_MS) throw new Error(`Stripe has not booked ${chargeId}`);
    throw new Postpone(this.config.DELIVERY_BACKOFF_MS * BACKOFFS_BETWEEN_LOOKS);
  }
}

type Captured = RecordedEvent<'payment.succeeded' | 'payment.late-succeeded'> & { readonly payload: PaymentFact };

/** Stripe answered, or its answer is none we can hold: asking again later is counted as an attempt. */
function isRefusal(error: unknown): boolean {
  const { StripeAuthenticationError, StripeInvalidRequestError, StripePermissionError } = Stripe.errors;
  return [StripeAuthenticationError, StripeInvalidRequestError, StripePermissionError, RangeError].some(
    (kind) => error instanceof kind,
  );
}

const nothing: Effect = () => Promise.resolve();
