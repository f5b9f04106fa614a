import { Injectable } from '@nestjs/common';
import { Transactions } from '../../../platform/database/transactions.js';
import { Events } from '../../../platform/events/events.js';
import { PasswordHasher } from '../password-hasher.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { userStream } from '../streams.js';
import { WrongPassword } from '../user.errors.js';
import { CurrentPasswordService, type Confirmed } from './current-password.service.js';
import { PasswordsRepository } from './passwords.repository.js';

/** A password to be set, and by whom. */
interface Wanted {
  readonly userId: string;
  /** Of the credentials that were proven: a change in between is not overwritten. */
  readonly version: number;
  readonly password: string;
  /** The address is proven with it. */
  readonly isByMail: boolean;
  /** The session that asks: it stays. */
  readonly keptId: string | null;
}

@Injectable()
export class PasswordChangeService {
  constructor(
    private readonly passwords: PasswordsRepository,
    private readonly current: CurrentPasswordService,
    private readonly hasher: PasswordHasher,
    private readonly sessions: SessionsService,
    private readonly transactions: Transactions,
    private readonly events: Events,
  ) {}

  /**
   * Sets a new password for whoever knows the old one. The session that asks stays (OWASP ASVS 5.0, 7.4.3).
   * @throws WrongPassword, TooManyRequests, ServiceUnavailable
   */
  async change(confirmed: Confirmed, password: string): Promise<void> {
    const { id: userId, credentialsVersion: version } = await this.current.check(confirmed);
    const keptId = confirmed.user.sessionId;
    if (!(await this.set({ userId, version, password, isByMail: false, keptId }))) throw new WrongPassword();
  }

  /**
   * Sets it, ends the sessions, at once, and has the owner told. False when the credentials are others by now.
   * @throws ServiceUnavailable
   */
  async set({ userId, version: credentialsVersion, password, isByMail, keptId }: Wanted): Promise<boolean> {
    const passwordHash = await this.hasher.hash(password);
    const ended = await this.transactions.run(async (tx) => {
      const change = { id: userId, credentialsVersion, passwordHash };
      const changed = await this.passwords.change(tx, change, { isByMail });
      if (!changed) return null;
      const { version } = changed;
      const name = 'user.password-changed';
      await this.events.append(tx, { name, stream: userStream(userId), version, payload: { userId } });
      return this.sessions.endAllIn(tx, userId, keptId);
    });
    await this.sessions.forget(ended ?? []);
    return ended !== null;
  }
}
