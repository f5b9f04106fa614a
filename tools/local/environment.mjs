import { randomBytes } from 'node:crypto';
import { readState, updateState } from './stack-file.mjs';

/** The sandbox takes this key, and so does the product's default; anything else is a real provider's. */
const SANDBOX_STRIPE_KEY = 'sk_test_local_sandbox';
const SANDBOX_SENDGRID_KEY = 'SG.local-sandbox';
const SEED_PASSWORD = 'purser-demo-2026';

/** Nobody balances load in front of a local process, so it need not go on serving for ten seconds after it was told to end. */
const SHUTDOWN_DRAIN_MS = '500';

const SEEDED_LOGINS = [
  { role: 'admin', email: 'admin@purser.test' },
  { role: 'support', email: 'support@purser.test' },
  { role: 'user', email: 'anna@purser.test' },
  { role: 'user', email: 'ben@purser.test' },
];

/** Secrets of this folder's stack, made once, so that tokens and webhooks outlive a restart. @param {string} stateDir */
export function localSecrets(stateDir) {
  const secrets = {
    STRIPE_WEBHOOK_SECRET: `whsec_${randomBytes(24).toString('hex')}`,
    JWT_SECRET: randomBytes(32).toString('hex'),
    TOKEN_SECRET: randomBytes(32).toString('hex'),
    MFA_ENCRYPTION_KEY: randomBytes(32).toString('hex'),
    ...readState(stateDir).secrets,
  };
  updateState(stateDir, { secrets });
  return secrets;
}

/** Which providers are real: those whose key the user exported. @param {NodeJS.ProcessEnv} given */
export function realProviders(given) {
  const isReal = (/** @type {string | undefined} */ key, /** @type {string} */ standIn) =>
    Boolean(key) && key !== standIn;
  return {
    stripe: isReal(given.STRIPE_SECRET_KEY, SANDBOX_STRIPE_KEY),
    sendgrid: isReal(given.SENDGRID_API_KEY, SANDBOX_SENDGRID_KEY),
  };
}

/** @param {NodeJS.ProcessEnv} given */
export function seededLogins(given) {
  return SEEDED_LOGINS.map((login) => ({ ...login, password: given.SEED_PASSWORD || SEED_PASSWORD }));
}

/**
 * The environment of every product process: what the user exported, our defaults for what was not, and what only the
 * launcher can know.
 * @param {{ given: NodeJS.ProcessEnv, databaseUrl: string, migratorUrl: string, redisUrl: string, api: string,
 *   sandbox: string, secrets: Record<string, string>, origins?: string[] }} facts
 * @returns {Record<string, string | undefined>}
 */
export function productEnvironment({ given, databaseUrl, migratorUrl, redisUrl, api, sandbox, secrets, origins = [] }) {
  const real = realProviders(given);
  const defaults = {
    HOST: '127.0.0.1',
    PUBLIC_URL: api,
    ...(origins.length > 0 ? { BROWSER_ORIGINS: origins.join(',') } : {}),
    SHUTDOWN_DRAIN_MS,
    SEED_PASSWORD,
    ...secrets,
    ...(real.stripe ? {} : { STRIPE_SECRET_KEY: SANDBOX_STRIPE_KEY, STRIPE_API_URL: sandbox }),
    ...(real.sendgrid ? {} : { SENDGRID_API_KEY: SANDBOX_SENDGRID_KEY, SENDGRID_API_URL: sandbox }),
  };
  return {
    ...defaults,
    ...exported(given),
    APP_ENV: 'local',
    DATABASE_URL: databaseUrl,
    DATABASE_MIGRATOR_URL: migratorUrl,
    REDIS_URL: redisUrl,
  };
}

/**
 * @param {{ given: NodeJS.ProcessEnv, port: number, dataDir: string, api: string, webhookSecret: string }} facts
 * @returns {Record<string, string | undefined>}
 */
export function sandboxEnvironment({ given, port, dataDir, api, webhookSecret }) {
  return {
    ...exported(given),
    SANDBOX_PORT: String(port),
    SANDBOX_DATA_DIR: dataDir,
    SANDBOX_WEBHOOK_URL: `${api}/v1/webhooks/stripe`,
    SANDBOX_WEBHOOK_SECRET: webhookSecret,
    SANDBOX_STRIPE_KEY,
  };
}

/** An empty variable counts as not set, here as in the product; npm's own are no business of a server. @param {NodeJS.ProcessEnv} given */
function exported(given) {
  return Object.fromEntries(
    Object.entries(given).filter(([name, value]) => value !== '' && !name.toLowerCase().startsWith('npm_')),
  );
}
