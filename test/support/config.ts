import { type Config, readConfig } from '../../src/platform/config/config.js';

/** Longer than production waits: what a test is about is hardly ever how busy the machine is. */
export const PATIENT = { DATABASE_CONNECT_TIMEOUT_MS: '4000', DATABASE_LOCK_TIMEOUT_MS: '1800' };

/** The product's configuration as production would read it, but for its patience. */
export function testConfig(env: NodeJS.ProcessEnv): Config {
  return readConfig({ ...PATIENT, ...env });
}
