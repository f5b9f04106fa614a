import Stripe from 'stripe';
import {
  PROVIDER_UNAVAILABLE,
  type ProviderGuard,
  ProviderUnavailable,
} from '../../../platform/resilience/provider-guard.js';

type Request = Parameters<Stripe.HttpClient['makeRequest']>;

const HTTP_UNAVAILABLE = 503;

/**
 * Stripe's own HTTP client behind the guard, so that no call of the SDK passes it by. For a call that is not made it
 * answers in Stripe's stead, as a proxy would: 503, and of no use to be tried again at once.
 */
export class GuardedHttpClient implements Stripe.HttpClient {
  private readonly inner: Stripe.HttpClient = Stripe.createNodeHttpClient();

  constructor(private readonly guard: ProviderGuard) {}

  getClientName(): string {
    return this.inner.getClientName();
  }

  async makeRequest(...request: Request): Promise<Stripe.HttpClientResponse> {
    try {
      return await this.guard.call(() => this.inner.makeRequest(...request), isSilence);
    } catch (error) {
      if (error instanceof ProviderUnavailable) return new NotCalled(error);
      throw error;
    }
  }
}

/** A 5xx that Stripe repeats from its memory, under the key it was stored with, says nothing about how Stripe is now. */
function isSilence(response: Stripe.HttpClientResponse): boolean {
  const isRepeated = response.getHeaders()['idempotent-replayed'] === 'true';
  return response.getStatusCode() >= 500 && !isRepeated;
}

class NotCalled extends Stripe.HttpClientResponse {
  constructor(private readonly reason: ProviderUnavailable) {
    super(HTTP_UNAVAILABLE, { 'stripe-should-retry': 'false' });
  }

  override toJSON() {
    const { message } = this.reason;
    return Promise.resolve({ error: { type: 'api_error', code: PROVIDER_UNAVAILABLE, message } });
  }
}
