import { ApiKeyDirectory, type ApiKeyStanding } from '../../src/contracts/api-key-directory.js';

/** A shop whose programs have no keys. */
export class NoApiKeys extends ApiKeyDirectory {
  keyStandingOf(): Promise<ApiKeyStanding | null> {
    return Promise.resolve(null);
  }
}
