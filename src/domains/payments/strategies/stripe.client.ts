import Stripe from 'stripe';
import { CONFIG, type Config } from '../../../platform/config/config.js';

/** Injection token of the one Stripe client. */
export const STRIPE = Symbol('STRIPE');

export type StripeClient = InstanceType<typeof Stripe>;

/** One retry: two tries of five seconds end within eleven, inside the twelve a caller waits. */
const NETWORK_RETRIES_MAX = 1;

export const stripeProvider = {
  provide: STRIPE,
  inject: [CONFIG],
  useFactory: (config: Config): StripeClient => new Stripe(config.STRIPE_SECRET_KEY, stripeOptions(config)),
};

function stripeOptions(config: Config): ConstructorParameters<typeof Stripe>[1] {
  const common = { timeout: config.STRIPE_TIMEOUT_MS, maxNetworkRetries: NETWORK_RETRIES_MAX, telemetry: false };
  if (!config.STRIPE_API_URL) return common;
  const { hostname, port, protocol } = new URL(config.STRIPE_API_URL);
  const isPlain = protocol === 'http:';
  return { ...common, host: hostname, port: port || (isPlain ? 80 : 443), protocol: isPlain ? 'http' : 'https' };
}
