import type { Role } from './roles.js';

/** What a session that still stands says about who is asking. Carries no personal data: Redis keeps a copy of it. */
export interface SessionStanding {
  readonly userId: string;
  readonly roles: readonly Role[];
  /** An admin who has no second factor, where admins need one: only its enrolment is open to them. */
  readonly mustEnrol: boolean;
  /** Milliseconds since the epoch by PostgreSQL's clock, taken before the read: nothing here is older than it looks. */
  readonly readAt: number;
  /** Milliseconds since the epoch by PostgreSQL's clock. */
  readonly expiresAt: number;
}

/** What the authentication asks the accounts. Implemented by users, bound in `app/ports.module.ts`. */
export abstract class SessionDirectory {
  /** Reads the truth in one statement; null when the session is unknown, revoked or expired, or its user inactive. */
  abstract standingOf(sessionId: string): Promise<SessionStanding | null>;
}
