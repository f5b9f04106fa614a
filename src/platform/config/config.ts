import { environment, LOCAL_SECRETS, type Environment } from './config.schema.js';

export type Config = Readonly<Environment>;

/** Injection token of the frozen {@link Config}. */
export const CONFIG = Symbol('CONFIG');

/** Unless told otherwise, where real money is. */
export function isMfaRequiredForAdmins({ APP_ENV, MFA_REQUIRED_FOR_ADMINS }: Config): boolean {
  return MFA_REQUIRED_FOR_ADMINS ?? APP_ENV === 'production';
}

/** Fails the boot with every mistake at once, naming variables and never their values. */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const result = environment.safeParse(given);
  const wrong = (result.error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
  const sound = soundPartOf(given);
  const mistakes = [...wrong, ...clashes(sound), ...refusals(sound)];
  if (!result.success || mistakes.length > 0) throw new InvalidEnvironment(mistakes);
  return Object.freeze(result.data);
}

/** What can be read of an environment with mistakes in it: so that nobody mends one only to be told of the next. */
function soundPartOf(given: Readonly<Record<string, string | undefined>>): Partial<Environment> {
  const parsed = Object.entries(environment.shape).map(([name, schema]) => [name, schema.safeParse(given[name]).data]);
  return Object.fromEntries(parsed) as Partial<Environment>;
}

/** The environment is not one this service may run in. Lists every reason, prints no value. */
export class InvalidEnvironment extends Error {
  constructor(readonly mistakes: readonly string[]) {
    super(`The environment is not valid:\n${mistakes.map((mistake) => `  ${mistake}`).join('\n')}`);
    this.name = 'InvalidEnvironment';
  }
}

/** Two keys under one name would be one key: the other's tokens would be refused in the middle of a rotation. */
function clashes({ JWT_SECRET_PREVIOUS, JWT_KEY_ID, JWT_KEY_ID_PREVIOUS }: Partial<Environment>): string[] {
  const isClash = JWT_SECRET_PREVIOUS !== undefined && JWT_KEY_ID === JWT_KEY_ID_PREVIOUS;
  return isClash ? ['JWT_KEY_ID_PREVIOUS: must not be the name of the current key'] : [];
}

const TLS_MODES = ['require', 'verify-ca', 'verify-full'];

/** As `pg` reads it: the last of several counts, and `ssl` would overrule them all. */
function hasTls(url: string): boolean {
  const { searchParams } = new URL(url);
  return TLS_MODES.includes(searchParams.getAll('sslmode').at(-1) ?? '') && !searchParams.has('ssl');
}

/** A key that once was the default of everybody proves nothing, under whichever variable it comes. */
const KNOWN_SECRETS: readonly unknown[] = Object.values(LOCAL_SECRETS);
const SECRETS = [
  ...(Object.keys(LOCAL_SECRETS) as (keyof typeof LOCAL_SECRETS)[]),
  'JWT_SECRET_PREVIOUS',
  'MFA_ENCRYPTION_KEY_PREVIOUS',
  'STRIPE_WEBHOOK_SECRET_PREVIOUS',
] as const;

/** OWASP's least for Argon2id with two passes. */
const PASSWORD_HASH_MEMORY_MIN_KIB = 19_456;

/** What staging and production refuse: stand-ins, default secrets, cheap hashes, plain-text transports, the seed. */
function refusals(config: Partial<Environment>): string[] {
  const { APP_ENV, STRIPE_SECRET_KEY, REDIS_URL } = config;
  if (APP_ENV !== 'staging' && APP_ENV !== 'production') return [];
  const refused: string[] = [];
  for (const name of SECRETS) {
    if (KNOWN_SECRETS.includes(config[name])) refused.push(`${name}: the local default is refused here`);
  }
  if (config.JWT_SECRET !== undefined && config.JWT_SECRET === config.TOKEN_SECRET)
    refused.push('TOKEN_SECRET: must not be the key of the access tokens');
  if (config.STRIPE_API_URL) refused.push('STRIPE_API_URL: a stand-in for Stripe is refused here');
  if (config.SENDGRID_API_URL) refused.push('SENDGRID_API_URL: a stand-in for SendGrid is refused here');
  if ((config.PASSWORD_HASH_MEMORY_KIB ?? PASSWORD_HASH_MEMORY_MIN_KIB) < PASSWORD_HASH_MEMORY_MIN_KIB)
    refused.push('PASSWORD_HASH_MEMORY_KIB: cheap password hashes are refused here');
  if (config.APP_MODE === 'seed') refused.push('APP_MODE: seeded logins are refused here');
  if (config.PUBLIC_URL?.startsWith('http://')) refused.push('PUBLIC_URL: must be https here');
  if (config.BROWSER_ORIGINS?.includes('http://')) refused.push('BROWSER_ORIGINS: must be https here');
  if (APP_ENV === 'staging') return refused;
  if (STRIPE_SECRET_KEY?.startsWith('sk_test_')) refused.push('STRIPE_SECRET_KEY: a test key is refused here');
  for (const name of ['DATABASE_URL', 'DATABASE_MIGRATOR_URL'] as const) {
    const url = config[name];
    if (url && !hasTls(url)) refused.push(`${name}: TLS is required here (sslmode=require or stricter)`);
  }
  if (REDIS_URL?.startsWith('redis://')) refused.push('REDIS_URL: TLS is required here (rediss://)');
  return refused;
}
