import { environment, LOCAL_SECRETS, type Environment } from './config.schema.js';

export type Config = Readonly<Environment>;

/** Injection token of the frozen {@link Config}. */
export const CONFIG = Symbol('CONFIG');

/** Fails the boot with every mistake at once, naming variables and never their values. */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const result = environment.safeParse(given);
  const mistakes = result.success
    ? refusals(result.data)
    : result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  if (!result.success || mistakes.length > 0) {
    throw new InvalidEnvironment(mistakes);
  }
  return Object.freeze(result.data);
}

/** The environment is not one this service may run in. Lists every reason, prints no value. */
export class InvalidEnvironment extends Error {
  constructor(readonly mistakes: readonly string[]) {
    super(`The environment is not valid:\n${mistakes.map((mistake) => `  ${mistake}`).join('\n')}`);
    this.name = 'InvalidEnvironment';
  }
}

/** What staging and production refuse: stand-ins, default secrets, plain-text transports, the seed. */
function refusals(config: Environment): string[] {
  if (config.APP_ENV === 'local' || config.APP_ENV === 'test') return [];
  const refused: string[] = [];
  for (const [name, value] of Object.entries(LOCAL_SECRETS)) {
    if (config[name as keyof typeof LOCAL_SECRETS] === value)
      refused.push(`${name}: the local default is refused here`);
  }
  if (config.STRIPE_API_URL) refused.push('STRIPE_API_URL: a stand-in for Stripe is refused here');
  if (config.SENDGRID_API_URL) refused.push('SENDGRID_API_URL: a stand-in for SendGrid is refused here');
  if (config.APP_MODE === 'seed') refused.push('APP_MODE: seeded logins are refused here');
  if (!config.PUBLIC_URL.startsWith('https://')) refused.push('PUBLIC_URL: must be https here');
  if (config.APP_ENV === 'production') {
    if (config.STRIPE_SECRET_KEY.startsWith('sk_test_')) refused.push('STRIPE_SECRET_KEY: a test key is refused here');
    if (!/[?&]sslmode=(require|verify-ca|verify-full)/.test(config.DATABASE_URL)) {
      refused.push('DATABASE_URL: TLS is required here (sslmode=require or stricter)');
    }
    if (!config.REDIS_URL.startsWith('rediss://')) refused.push('REDIS_URL: TLS is required here (rediss://)');
  }
  return refused;
}
