import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AccessTokens, type IssuedToken } from '../../../platform/auth/access-tokens.js';
import { Transactions } from '../../../platform/database/transactions.js';
import { Events } from '../../../platform/events/events.js';
import { identify } from '../../../platform/telemetry/request-context.js';
import { newId } from '../../../shared/ids.js';
import { sessionStream } from '../streams.js';
import { MfaTokens } from '../mfa/mfa-tokens.js';
import { InvalidCredentials, MfaRequired } from '../user.errors.js';
import type { Credentials } from '../users.repository.js';
import { RefreshTokens } from './refresh-tokens.js';
import { SessionsRepository } from './sessions.repository.js';

/** Who logs in, as their user will see it in the list of sessions. */
export interface Client {
  readonly device: string | null;
  readonly ip: string | null;
}

/** What a client holds of a session. Both tokens are secrets. */
export interface SessionTokens extends IssuedToken {
  readonly sessionId: string;
  readonly refreshToken: string;
}

@Injectable()
export class SessionStartService {
  constructor(
    private readonly sessions: SessionsRepository,
    private readonly transactions: Transactions,
    private readonly events: Events,
    private readonly refreshTokens: RefreshTokens,
    private readonly accessTokens: AccessTokens,
    private readonly mfaTokens: MfaTokens,
  ) {}

  /**
   * Nobody gets a session by the password alone whose account asks for a code as well.
   * @throws InvalidCredentials when the account was closed or its password changed while this one was verified; MfaRequired
   */
  async start(user: Credentials, client: Client, { withCode }: { withCode: boolean }): Promise<SessionTokens> {
    const { id: userId, email, roles, credentialsVersion } = user;
    identify(userId);
    if (user.hasMfa && !withCode) throw new MfaRequired(this.mfaTokens.make({ userId, credentialsVersion }));
    const sessionId = newId();
    const seed = randomBytes(32).toString('base64url');
    await this.transactions.run(async (tx) => {
      const started = await this.sessions.start(tx, { id: sessionId, userId, credentialsVersion, seed, ...client });
      if (!started) throw new InvalidCredentials();
      const payload = { userId, sessionId };
      const { version } = started;
      await this.events.append(tx, {
        name: 'session.started',
        stream: sessionStream(sessionId),
        version,
        payload,
      });
    });
    const issued = this.accessTokens.issue({ userId, email, roles, sessionId });
    return { ...issued, sessionId, refreshToken: this.refreshTokens.make(sessionId, 0, seed) };
  }
}
