export const ROLES = ['user', 'support', 'admin'] as const;
/** What each may do stands in `permissions.ts`. */
export type Role = (typeof ROLES)[number];

/** Who is asking, as proven by their access token and a session that still stands. */
export interface Principal {
  readonly id: string;
  readonly email: string;
  readonly roles: readonly Role[];
}

/** Somebody who logged in, and not a program with a key. Routes of one's own account are for nobody else. */
export interface SessionHolder extends Principal {
  readonly sessionId: string;
}
