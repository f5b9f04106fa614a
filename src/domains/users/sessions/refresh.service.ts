import { Injectable } from '@nestjs/common';
import { AccessTokens } from '../../../platform/auth/access-tokens.js';
import { Unauthenticated } from '../../../platform/auth/auth.errors.js';
import { Transactions } from '../../../platform/database/transactions.js';
import { identify } from '../../../platform/telemetry/request-context.js';
import { RefreshTokens } from './refresh-tokens.js';
import type { SessionTokens } from './session-start.service.js';
import { SessionsRepository } from './sessions.repository.js';
import { SessionsService } from './sessions.service.js';

@Injectable()
export class RefreshService {
  constructor(
    private readonly repository: SessionsRepository,
    private readonly sessions: SessionsService,
    private readonly transactions: Transactions,
    private readonly refreshTokens: RefreshTokens,
    private readonly accessTokens: AccessTokens,
  ) {}

  /**
   * Hands out the successor of a refresh token: the same one to everybody who presents its parent within
   * REFRESH_GRACE_MS. An older token means that two hold this session, so it ends; a forged one means nothing.
   * @throws Unauthenticated
   */
  async refresh(token: string): Promise<SessionTokens> {
    const presented = this.refreshTokens.read(token);
    const session = presented && (await this.repository.findRefreshable(presented.sessionId));
    if (!session || !this.refreshTokens.isGenuine(presented, session.seed)) throw new Unauthenticated();

    const { sessionId } = presented;
    const { userId, email, roles, seed } = session;
    identify(userId);
    const generation = await this.transactions.run((tx) => this.repository.rotate(tx, sessionId, presented.generation));
    if (generation === null) {
      await this.sessions.endReused(userId, sessionId, presented.generation);
      throw new Unauthenticated();
    }
    const issued = this.accessTokens.issue({ userId, email, roles, sessionId });
    return { ...issued, sessionId, refreshToken: this.refreshTokens.make(sessionId, generation, seed) };
  }
}
