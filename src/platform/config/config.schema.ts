import { z } from 'zod';
import { limitVariables } from './limit-variables.js';
import { paymentVariables } from './payment-variables.js';
import {
  count,
  days,
  httpUrl,
  milliseconds,
  origins,
  port,
  postgresUrl,
  redisUrl,
  seconds,
  secret,
} from './variable-kinds.js';

/** What decides which shortcuts are allowed: only `local` and `test` may run with stand-ins and default secrets. */
export const APP_ENVS = ['local', 'test', 'staging', 'production'] as const;

/** One image; the mode names the composition it boots or the one-shot task it runs. */
export const APP_MODES = ['web', 'worker', 'migrate', 'migrate:check', 'ledger:verify', 'seed', 'openapi'] as const;

/** Stand-in secrets for `local` and `test`. Production refuses to boot with any of them. */
export const LOCAL_SECRETS = {
  JWT_SECRET: 'local-jwt-secret-not-for-production-0001',
  TOKEN_SECRET: 'local-token-secret-not-for-production-01',
  MFA_ENCRYPTION_KEY: 'local-mfa-key-not-for-production-00001',
  STRIPE_SECRET_KEY: 'sk_test_local_sandbox',
  STRIPE_WEBHOOK_SECRET: 'whsec_local_sandbox_not_for_production',
  SENDGRID_API_KEY: 'SG.local-sandbox',
  METRICS_TOKEN: 'local-metrics-token-not-for-production-01',
} as const;

/** Every environment variable the service reads. If it is not here, the service does not read it. */
export const environment = z.object({
  APP_ENV: z.enum(APP_ENVS).default('production').describe('What is allowed; the image defaults to production.'),
  APP_MODE: z.enum(APP_MODES).default('web').describe('Which composition or task this process is.'),
  SERVICE_VERSION: z
    .string()
    .default('development')
    .describe('What runs: every line of the log tells it, and the image sets its commit.'),
  HOST: z.string().default('0.0.0.0').describe('Address to listen on.'),
  PORT: port.default(3000).describe("Port of the web server, or of the worker's health endpoints."),
  PUBLIC_URL: httpUrl
    .default('http://127.0.0.1:3000')
    .describe('Where customers reach the API; links in mails start with it.'),
  BROWSER_ORIGINS: origins
    .optional()
    .describe("More origins, comma between, whose pages may use cookies beside PUBLIC_URL's."),
  LOG_LEVEL: z
    .enum(['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'])
    .default('INFO')
    .describe('Lowest level written.'),
  TRUST_PROXY_HOPS: z.coerce
    .number()
    .int()
    .min(0)
    .max(5)
    .default(0)
    .describe('Exact number of proxies in front; more would believe a forged X-Forwarded-For.'),

  DATABASE_URL: postgresUrl.describe('The application role: reads and writes rows, changes no table.'),
  DATABASE_MIGRATOR_URL: postgresUrl
    .optional()
    .describe(
      'The role that owns the tables; only migrate and migrate:check use it, past any PgBouncer. Default: DATABASE_URL.',
    ),
  DATABASE_POOL_MAX: count
    .default(16)
    .describe('Connections per process; all processes together stay under 80 % of max_connections.'),
  DATABASE_CONNECT_TIMEOUT_MS: milliseconds
    .default(800)
    .describe('Longest wait for a pooled connection; then 503. With two waits for a lock, as in a queue, within 3 s.'),
  DATABASE_STATEMENT_TIMEOUT_MS: milliseconds
    .default(3_500)
    .describe("The server cancels a statement after this; below the client's own timeout."),
  DATABASE_QUERY_TIMEOUT_MS: milliseconds
    .default(4_000)
    .describe('The client gives up on a silent server after this: on a busy machine, too, the 503 comes within 5 s.'),
  DATABASE_LOCK_TIMEOUT_MS: milliseconds.default(1_050).describe('Longest wait for a row lock; > deadlock_timeout.'),
  DATABASE_PREPARED_STATEMENTS: z
    .stringbool()
    .default(true)
    .describe('Named statements and limits at connecting; off behind PgBouncer, where ALTER ROLE sets the limits.'),

  REDIS_URL: redisUrl.describe('Queues, counters, session copies and cache. Needs maxmemory-policy noeviction.'),
  REDIS_COMMAND_TIMEOUT_MS: milliseconds
    .default(100)
    .describe('A cache, counter or session command slower than this counts as "Redis is down".'),
  PRODUCT_CACHE_TTL_SECONDS: seconds
    .default(300)
    .describe('How long a customer may see an old stock count, and an old price when its change could not be told.'),

  STORE_CURRENCY: z
    .string()
    .regex(/^[A-Z]{3}$/)
    .default('USD')
    .describe('ISO 4217 code used by the seed and as default for new products.'),
  STRIPE_SECRET_KEY: z
    .string()
    .min(8)
    .default(LOCAL_SECRETS.STRIPE_SECRET_KEY)
    .describe('Stripe API key. A real key switches real Stripe on.'),
  STRIPE_API_URL: httpUrl.optional().describe('Stand-in for api.stripe.com; refused in production.'),
  STRIPE_WEBHOOK_SECRET: z
    .string()
    .min(8)
    .default(LOCAL_SECRETS.STRIPE_WEBHOOK_SECRET)
    .describe('Signing secret of the webhook endpoint.'),
  STRIPE_WEBHOOK_SECRET_PREVIOUS: z
    .string()
    .min(8)
    .optional()
    .describe('The secret before a rotation, valid beside the new one.'),
  STRIPE_TIMEOUT_MS: milliseconds.default(5_000).describe('One try; with one retry both end within 11 s.'),
  SENDGRID_API_KEY: z
    .string()
    .min(8)
    .default(LOCAL_SECRETS.SENDGRID_API_KEY)
    .describe('SendGrid API key. A real key switches real mail on.'),
  SENDGRID_API_URL: httpUrl.optional().describe('Stand-in for api.sendgrid.com; refused in production.'),
  SENDGRID_TIMEOUT_MS: milliseconds.default(5_000).describe('Longest wait for the mail provider.'),
  MAIL_FROM: z.email().default('noreply@company.com').describe('Sender of every mail.'),
  PROVIDER_FAILURES_TO_OPEN: count
    .default(5)
    .describe('After so many calls in a row without an answer a provider is not called for a while.'),
  PROVIDER_REST_MS: milliseconds
    .default(10_000)
    .describe('How long a silent provider is left alone; then one call tries it.'),
  PROVIDER_CALLS_MAX: count
    .default(64)
    .describe('Calls to one provider at a time, per process: a slow provider ties up no more of us than that.'),
  PROVIDER_QUEUE_MAX: count
    .default(128)
    .describe('Calls waiting for their turn; those beyond are not made, and made up for later.'),

  JWT_SECRET: secret.default(LOCAL_SECRETS.JWT_SECRET).describe('HS256 key of access tokens, at least 32 characters.'),
  JWT_KEY_ID: z.string().min(1).default('k1').describe('`kid` of the current key.'),
  JWT_SECRET_PREVIOUS: secret.optional().describe('The key before a rotation: verifies, never signs.'),
  JWT_KEY_ID_PREVIOUS: z.string().min(1).default('k0').describe('`kid` of the previous key.'),
  JWT_ISSUER: z.string().default('purser').describe('`iss` of access tokens.'),
  JWT_AUDIENCE: z.string().default('purser-api').describe('`aud` of access tokens.'),
  TOKEN_SECRET: secret
    .default(LOCAL_SECRETS.TOKEN_SECRET)
    .describe('HMAC key of refresh and mail tokens, at least 32 characters.'),
  MFA_ENCRYPTION_KEY: secret
    .default(LOCAL_SECRETS.MFA_ENCRYPTION_KEY)
    .describe('Encrypts the secrets of authenticator apps, at least 32 characters.'),
  MFA_ENCRYPTION_KEY_PREVIOUS: secret.optional().describe('The key before a rotation: opens, never closes.'),
  MFA_REQUIRED_FOR_ADMINS: z
    .stringbool()
    .optional()
    .describe('An admin without a second factor reaches only its enrolment; without a word here, in production.'),
  MFA_TOKEN_TTL_SECONDS: seconds.default(300).describe('How long a code may follow a password.'),
  MFA_LIMIT_PER_ACCOUNT: count.default(5).describe('Wrong codes per account in 15 minutes.'),
  ACCESS_TOKEN_TTL_SECONDS: seconds.default(600).describe('Life of an access token.'),
  SESSION_TTL_SECONDS: seconds.default(2_592_000).describe('Life of a session, however often it is refreshed.'),
  SESSION_COPY_MAX_AGE_MS: milliseconds
    .default(60_000)
    .describe("Redis' copy of a session is believed this long: the delay of a revocation outside sensitive routes."),
  REFRESH_GRACE_MS: milliseconds
    .default(10_000)
    .describe('A parent refresh token presented again within this gets the same successor (two tabs, a lost reply).'),
  API_KEY_TTL_MAX_DAYS: days.default(366).describe('The longest life an API key can be given.'),
  VERIFY_TOKEN_TTL_SECONDS: seconds.default(86_400).describe('Life of the link in the welcome mail.'),
  VERIFY_RESEND_INTERVAL_MS: milliseconds
    .default(600_000)
    .describe('The welcome mail goes out again at most this often.'),
  RESET_TOKEN_TTL_SECONDS: seconds.default(3_600).describe('Life of the link to set a new password.'),
  RESET_RESEND_INTERVAL_MS: milliseconds
    .default(600_000)
    .describe('A mail with that link goes to an account at most this often.'),
  EXPORT_TOKEN_TTL_SECONDS: seconds.default(86_400).describe('Life of the link to all data about an account.'),
  KNOWN_DEVICE_TTL_SECONDS: seconds
    .default(7_776_000)
    .describe('A device somebody logged in from is spared the guesses of strangers this long (90 days).'),
  PASSWORD_HASH_MEMORY_KIB: z.coerce
    .number()
    .int()
    .min(1_024)
    .max(19_456)
    .default(19_456)
    .describe('Argon2 cost; less only in local and test, where many passwords are hashed that guard nothing.'),
  PASSWORD_HASH_CONCURRENCY: count
    .optional()
    .describe(
      'Argon2 threads; default half the cores. They run at low priority, so that a flood of logins slows nobody else.',
    ),
  PASSWORD_HASH_QUEUE_MAX: count.default(50).describe('Logins waiting for a hash; beyond it 503.'),

  ...limitVariables,

  ...paymentVariables,

  DISPATCH_POLL_MS: milliseconds.default(250).describe('How often due deliveries are looked for.'),
  DISPATCH_BATCH_MAX: count.default(200).describe('Deliveries handed to Bull per poll.'),
  DISPATCH_ADD_TIMEOUT_MS: milliseconds
    .default(1_500)
    .describe('Longest wait for Redis to take a batch; what is not taken comes back.'),
  DELIVERY_REDISPATCH_MS: milliseconds
    .default(30_000)
    .describe('A dispatched delivery nobody closed is dispatched again after this.'),
  DELIVERY_LEASE_MS: milliseconds
    .default(30_000)
    .describe('How long one consumer owns a delivery; renewed at a third of it.'),
  DELIVERY_ATTEMPTS_MAX: count.default(8).describe('Attempts before a delivery is parked.'),
  DELIVERY_DEATHS_MAX: count.default(3).describe('Workers a delivery may kill before it is parked.'),
  DELIVERY_BACKOFF_MS: milliseconds.default(1_000).describe('First pause after an error; doubles up to 60 s.'),

  SCHEDULE_POLL_MS: milliseconds
    .default(5_000)
    .describe('How often a worker looks whether an hour or a day has begun.'),
  SESSION_RETENTION_DAYS: days
    .default(30)
    .describe('A session that is over is kept this long, with device and address.'),
  WEBHOOK_RETENTION_DAYS: days
    .default(90)
    .describe('A webhook whose work is done is kept this long; Stripe sends none again after 30 days.'),
  PROVIDER_CALL_RETENTION_DAYS: days
    .default(400)
    .describe('Evidence of calls to providers is kept this long, and never less than 30 days: disputes come late.'),
  PARKED_DELIVERY_RETENTION_DAYS: days.default(90).describe('Parked work can be replayed this long.'),
  SCHEDULE_RUN_RETENTION_DAYS: days.default(90).describe('How long it can be seen how scheduled work went.'),

  METRICS_TOKEN: secret
    .default(LOCAL_SECRETS.METRICS_TOKEN)
    .describe('Bearer token that /metrics asks for, at least 32 characters.'),
  METRICS_CACHE_MS: milliseconds.default(5_000).describe('The database is asked for its metrics at most this often.'),
  METRICS_ADD_UP_POLL_MS: milliseconds
    .default(30_000)
    .describe('How often settled events are added to the totals; what is newer is counted at each reading.'),
  METRICS_SETTLE_MS: milliseconds
    .default(600_000)
    .describe('An event is settled after this: longer than any transaction, and than clocks may differ.'),

  SHUTDOWN_DRAIN_MS: z.coerce
    .number()
    .int()
    .min(0)
    .default(10_000)
    .describe('After SIGTERM: not ready, still serving, this long.'),
  SHUTDOWN_DEADLINE_MS: milliseconds.default(25_000).describe('After SIGTERM: the process ends, whatever hangs.'),
  SEED_PASSWORD: z
    .string()
    .min(8)
    .default('purser-demo-2026')
    .describe('Password of the seeded logins; local and test only.'),
});

export type Environment = z.infer<typeof environment>;
