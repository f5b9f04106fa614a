import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../../contracts/transaction.js';
import { SessionCopies } from '../../../platform/auth/session-copies.js';
import { Transactions } from '../../../platform/database/transactions.js';
import { Events } from '../../../platform/events/events.js';
import { sessionStream } from '../streams.js';
import { SessionNotFound } from '../user.errors.js';
import type { Changed } from '../users.repository.js';
import type { EndReason } from './session.entity.js';
import { SessionsRepository } from './sessions.repository.js';

/** Sessions ended per transaction; a user rarely has more than a handful. */
const BATCH_MAX = 100;

/** Ends sessions. An ending counts at once where PostgreSQL is read, and elsewhere as soon as the copy is forgotten. */
@Injectable()
export class SessionsService {
  constructor(
    private readonly sessions: SessionsRepository,
    private readonly transactions: Transactions,
    private readonly events: Events,
    private readonly copies: SessionCopies,
  ) {}

  /** @throws SessionNotFound when the user has no such open session. */
  async end(userId: string, sessionId: string, reason: EndReason): Promise<void> {
    await this.transactions.run(async (tx) => {
      const ended = await this.sessions.end(tx, { id: sessionId, userId }, reason);
      if (!ended) throw new SessionNotFound(sessionId);
      await this.record(tx, ended, { userId, reason });
    });
    await this.copies.forget(sessionId);
  }

  /** Ends every session of the user, the one that asks too. */
  async endAll(userId: string): Promise<void> {
    for (let size = BATCH_MAX; size === BATCH_MAX;) {
      const ended = await this.transactions.run(async (tx) => {
        const batch = await this.sessions.endSome(tx, userId, BATCH_MAX);
        for (const session of batch) await this.record(tx, session, { userId, reason: 'revoked' });
        return batch;
      });
      await this.copies.forget(...ended.map(({ id }) => id));
      size = ended.length;
    }
  }

  /**
   * Ends every open session of the user with the caller's transaction, but for the one to keep. The answer is for
   * {@link forget}, after the commit.
   */
  async endAllIn(tx: Transaction, userId: string, keptId: string | null = null): Promise<string[]> {
    const ended = await this.sessions.endOthers(tx, userId, keptId);
    for (const session of ended) await this.record(tx, session, { userId, reason: 'revoked' });
    return ended.map(({ id }) => id);
  }

  /** Makes endings that are committed count on every route at once. */
  async forget(sessionIds: readonly string[]): Promise<void> {
    await this.copies.forget(...sessionIds);
  }

  /** Ends the session whose old refresh token came back: one of its two holders has stolen it. */
  async endReused(userId: string, sessionId: string, generation: number): Promise<void> {
    await this.transactions.run(async (tx) => {
      const ended = await this.sessions.endReused(tx, sessionId, generation);
      if (ended) await this.record(tx, ended, { userId, reason: 'reuse' });
    });
    await this.copies.forget(sessionId);
  }

  private record(tx: Transaction, ended: Changed, why: { userId: string; reason: EndReason }): Promise<void> {
    const { id: sessionId, version } = ended;
    const payload = { userId: why.userId, sessionId, reason: why.reason };
    return this.events.append(tx, { name: 'session.ended', stream: sessionStream(sessionId), version, payload });
  }
}
