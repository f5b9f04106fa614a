export const ROLES = ['user', 'support', 'admin'] as const;
/** What each may do stands in `permissions.ts`. */
export type Role = (typeof ROLES)[number];

/** Who is asking, as proven by a session or an API key that still stands. */
export interface Principal {
  readonly id: string;
  readonly email: string;
  readonly roles: readonly Role[];
  /** Only of a program with an API key: the permissions it was given, as far as the roles still allow them. */
  readonly scopes?: readonly string[];
}

/** Somebody who logged in, and not a program with a key. Routes of one's own account are for nobody else. */
export interface SessionHolder extends Principal {
  readonly sessionId: string;
}

/** A program that asks for its owner. It never reaches what is its owner's own account. */
export interface KeyHolder extends Principal {
  readonly keyId: string;
  readonly scopes: readonly string[];
}
