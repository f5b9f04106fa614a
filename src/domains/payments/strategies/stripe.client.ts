import Stripe from 'stripe';
import { CONFIG, type Config } from '../../../platform/config/config.js';
import { ProviderGuards } from '../../../platform/resilience/provider-guards.js';
import { GuardedHttpClient } from './guarded-http-client.js';

/** Injection token of the one Stripe client. */
export const STRIPE = Symbol('STRIPE');

export type StripeClient = InstanceType<typeof Stripe>;

/** One retry: two tries of five seconds end within eleven, inside the twelve a caller waits. */
const NETWORK_RETRIES_MAX = 1;

export const stripeProvider = {
  provide: STRIPE,
  inject: [CONFIG, ProviderGuards],
  useFactory: (config: Config, guards: ProviderGuards): StripeClient =>
    new Stripe(config.STRIPE_SECRET_KEY, stripeOptions(config, guards)),
};

function stripeOptions(config: Config, guards: ProviderGuards): ConstructorParameters<typeof Stripe>[1] {
  const httpClient = new GuardedHttpClient(guards.for('stripe'));
  const patience = { timeout: config.STRIPE_TIMEOUT_MS, maxNetworkRetries: NETWORK_RETRIES_MAX };
  const common = { ...patience, httpClient, telemetry: false };
  if (!config.STRIPE_API_URL) return common;
  const { hostname, port, protocol } = new URL(config.STRIPE_API_URL);
  const isPlain = protocol === 'http:';
  return { ...common, host: hostname, port: port || (isPlain ? 80 : 443), protocol: isPlain ? 'http' : 'https' };
}
