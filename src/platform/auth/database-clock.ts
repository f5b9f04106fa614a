import { Injectable } from '@nestjs/common';

/**
 * An upper bound of what PostgreSQL's clock says now, without asking it: its last answer plus the time since that
 * question was sent, by this process's monotonic clock. No server's own date decides anything.
 */
@Injectable()
export class DatabaseClock {
  private offset: number | undefined;

  /** Milliseconds of a clock that never steps; kept by the caller from before a question. */
  mark(): number {
    return performance.now();
  }

  /** PostgreSQL said `databaseNow` (ms since the epoch) some time after `mark`. */
  observe(databaseNow: number, mark: number): void {
    this.offset = databaseNow - mark;
  }

  /** Milliseconds since the epoch, never earlier than PostgreSQL's now; infinite before the first observation. */
  latest(): number {
    return this.offset === undefined ? Number.POSITIVE_INFINITY : this.offset + performance.now();
  }
}
