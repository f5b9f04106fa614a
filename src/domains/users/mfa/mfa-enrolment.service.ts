import { Injectable } from '@nestjs/common';
import type { SessionHolder } from '../../../contracts/roles.js';
import { Transactions } from '../../../platform/database/transactions.js';
import { Events } from '../../../platform/events/events.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { userStream } from '../streams.js';
import { MfaAlreadyEnabled, MfaNotEnrolled, WrongCode } from '../user.errors.js';
import { MfaFactorsRepository } from './mfa-factors.repository.js';
import { MfaLimits } from './mfa-limits.js';
import { counterOf, newRecoveryCodes, newSecret, otpauthUrl, recoveryHash } from './one-time-codes.js';
import { SecretBox } from './secret-box.js';

/** Shown once: neither can be asked for again. */
export interface OfferedFactor {
  readonly secret: string;
  readonly otpauthUrl: string;
  readonly recoveryCodes: readonly string[];
}

/** Gives an account a second factor, and takes it away. Whoever asks has proven who they are. */
@Injectable()
export class MfaEnrolmentService {
  constructor(
    private readonly factors: MfaFactorsRepository,
    private readonly secrets: SecretBox,
    private readonly limits: MfaLimits,
    private readonly sessions: SessionsService,
    private readonly transactions: Transactions,
    private readonly events: Events,
  ) {}

  /** Counts for nothing until it is confirmed; a second offer replaces the first. @throws MfaAlreadyEnabled */
  async offer({ id: userId, email }: SessionHolder): Promise<OfferedFactor> {
    const [secret, recoveryCodes] = [newSecret(), newRecoveryCodes()];
    const recoveryHashes = recoveryCodes.map((code) => recoveryHash(code, userId));
    const factor = { userId, secret: this.secrets.close(secret, userId), recoveryHashes };
    if (!(await this.transactions.run((tx) => this.factors.offer(tx, factor)))) throw new MfaAlreadyEnabled();
    return { secret, otpauthUrl: otpauthUrl(secret, email), recoveryCodes };
  }

  /**
   * From now on logins ask for a code. Every other session ends: they were begun without one.
   * @throws WrongCode, MfaNotEnrolled, MfaAlreadyEnabled, TooManyRequests
   */
  async confirm({ id: userId, sessionId }: SessionHolder, code: string): Promise<void> {
    await this.limits.count(userId);
    const factor = await this.factors.find(userId);
    if (!factor) throw new MfaNotEnrolled();
    if (factor.isConfirmed) throw new MfaAlreadyEnabled();
    const counter = counterOf(code, this.secrets.open(factor.secret, userId), factor.now);
    if (counter === null) throw new WrongCode();
    const ended = await this.transactions.run(async (tx) => {
      const confirmed = await this.factors.confirm(tx, userId, { counter, secret: factor.secret });
      if (!confirmed) throw new MfaNotEnrolled();
      const { version } = confirmed;
      await this.events.append(tx, {
        name: 'user.mfa-enabled',
        stream: userStream(userId),
        version,
        payload: { userId },
      });
      return this.sessions.endAllIn(tx, userId, sessionId);
    });
    await this.sessions.forget([...ended, sessionId]);
    await this.limits.succeeded(userId);
  }

  /** @throws MfaNotEnrolled */
  async remove(userId: string): Promise<void> {
    await this.transactions.run(async (tx) => {
      const removed = await this.factors.remove(tx, userId);
      if (!removed) throw new MfaNotEnrolled();
      const { version } = removed;
      await this.events.append(tx, {
        name: 'user.mfa-disabled',
        stream: userStream(userId),
        version,
        payload: { userId },
      });
    });
  }
}
