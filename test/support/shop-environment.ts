import { RAISED_LIMITS } from './raised-limits.js';
import { PATIENT } from './config.js';
import { STRIPE_KEY } from './sandbox.js';

export const PASSWORD = 'purser-test-2026';
export const WEBHOOK_SECRET = 'whsec_of_this_test_run_only_0001';

/** How much faster than in production the shop's clocks run in these tests, and the card provider's patience. */
const FACTOR = 10;
const STRIPE_FACTOR = 5;
export const FACTORS = `timers: production's divided by ${FACTOR}, the card provider's by ${STRIPE_FACTOR}`;

/** What production waits, in milliseconds (config.schema.ts). */
const PRODUCTION = {
  RECOVERY_FIRST_CHECK_MS: 30_000,
  RECOVERY_POLL_MS: 2_000,
  RECOVERY_RESUBMIT_WINDOW_MS: 600_000,
  RECOVERY_LIST_DELAY_MS: 60_000,
  RECOVERY_GIVE_UP_MS: 82_800_000,
  RECOVERY_BACKOFF_MAX_MS: 60_000,
  ORDER_EXPIRY_POLL_MS: 5_000,
  DELIVERY_REDISPATCH_MS: 30_000,
  DELIVERY_LEASE_MS: 30_000,
  DELIVERY_BACKOFF_MS: 1_000,
  PROVIDER_REST_MS: 10_000,
};

const SHORTENED = Object.fromEntries(
  Object.entries(PRODUCTION).map(([name, milliseconds]) => [name, String(milliseconds / FACTOR)]),
);

/** How long production waits for connections and locks, for the stories about that. */
export const AS_IMPATIENT_AS_PRODUCTION = { DATABASE_CONNECT_TIMEOUT_MS: '800', DATABASE_LOCK_TIMEOUT_MS: '1050' };

/** The controls of those stories: nobody gives up waiting for PostgreSQL. */
export const PATIENT_FOR_AN_HOUR = Object.fromEntries(
  ['CONNECT', 'STATEMENT', 'QUERY', 'LOCK'].map((name) => [`DATABASE_${name}_TIMEOUT_MS`, '3600000']),
);

interface Places {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly sandboxPort: number;
  readonly webPort: number;
}

/** The environment of every product process of one shop. */
export function environmentOf({ databaseUrl, redisUrl, sandboxPort, webPort }: Places): Record<string, string> {
  const sandbox = `http://127.0.0.1:${sandboxPort}`;
  return {
    APP_ENV: 'test',
    HOST: '127.0.0.1',
    PUBLIC_URL: `http://127.0.0.1:${webPort}`,
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl,
    STRIPE_SECRET_KEY: STRIPE_KEY,
    STRIPE_API_URL: sandbox,
    STRIPE_WEBHOOK_SECRET: WEBHOOK_SECRET,
    STRIPE_TIMEOUT_MS: String(5_000 / STRIPE_FACTOR),
    SENDGRID_API_URL: sandbox,
    SEED_PASSWORD: PASSWORD,
    ...SHORTENED,
    DISPATCH_POLL_MS: '100',
    // What happens when webhooks are lost is for the stories to tell.
    WEBHOOK_POLL_MS: '3600000',
    ...RAISED_LIMITS,
    SHUTDOWN_DRAIN_MS: '0',
    ...PATIENT,
  };
}
