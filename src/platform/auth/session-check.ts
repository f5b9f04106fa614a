import { Inject, Injectable } from '@nestjs/common';
import { SessionDirectory, type SessionStanding } from '../../contracts/session-directory.js';
import { CONFIG, type Config } from '../config/config.js';
import { DatabaseClock } from './database-clock.js';
import { SessionCopies } from './session-copies.js';

/**
 * Whether a session still stands. PostgreSQL is the truth; a copy in Redis is believed while it is young, whoever wrote
 * it: one that comes back after a revocation, a FLUSHALL or a restored snapshot is too old to be believed.
 */
@Injectable()
export class SessionCheck {
  constructor(
    private readonly directory: SessionDirectory,
    private readonly copies: SessionCopies,
    private readonly clock: DatabaseClock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Null when it does not stand. With `isFresh` PostgreSQL is asked, whatever Redis says. */
  async standingOf(
    sessionId: string,
    { isFresh, request }: { isFresh: boolean; request: object },
  ): Promise<SessionStanding | null> {
    if (!isFresh) {
      const copy = await this.copies.find(sessionId, request);
      if (copy && this.isBelieved(copy)) return copy;
    }
    const mark = this.clock.mark();
    const standing = await this.directory.standingOf(sessionId);
    if (standing) this.clock.observe(standing.readAt, mark);
    // Not awaited: Redis may be slow, and what it does not take is read from PostgreSQL again.
    void (standing ? this.copies.keep(sessionId, standing) : this.copies.forget(sessionId));
    return standing;
  }

  private isBelieved({ readAt, expiresAt }: SessionStanding): boolean {
    const now = this.clock.latest();
    const age = now - readAt;
    return age >= 0 && age <= this.config.SESSION_COPY_MAX_AGE_MS && now < expiresAt;
  }
}
