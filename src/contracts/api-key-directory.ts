import type { Permission } from './permissions.js';
import type { Role } from './roles.js';

/** What an API key that still stands says about who is asking: its owner, as they are now. */
export interface ApiKeyStanding {
  readonly id: string;
  readonly userId: string;
  readonly email: string;
  readonly roles: readonly Role[];
  readonly scopes: readonly Permission[];
}

/** What the authentication asks about API keys. Implemented by users, bound in `app/ports.module.ts`. */
export abstract class ApiKeyDirectory {
  /** Reads the truth; null when the key is unknown, revoked or expired, or its owner inactive. Notes that it is used. */
  abstract keyStandingOf(secretHash: string): Promise<ApiKeyStanding | null>;
}
