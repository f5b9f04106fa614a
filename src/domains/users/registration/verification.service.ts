import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../../platform/config/config.js';
import { Transactions } from '../../../platform/database/transactions.js';
import { Events } from '../../../platform/events/events.js';
import { InvalidMailToken } from '../user.errors.js';
import { UsersRepository } from '../users.repository.js';
import { userStream } from '../streams.js';
import { MailTokens } from './mail-tokens.js';

@Injectable()
export class VerificationService {
  constructor(
    private readonly users: UsersRepository,
    private readonly tokens: MailTokens,
    private readonly transactions: Transactions,
    private readonly events: Events,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * Marks the address as verified. The second click on the same link changes nothing and is no error.
   * @throws InvalidMailToken
   */
  async verify(token: string): Promise<void> {
    const presented = this.tokens.read(token);
    if (!presented) throw new InvalidMailToken();
    const { userId, expiry } = presented;
    const bound = await this.users.findMailBinding(userId, expiry);
    if (!bound?.isInTime || !this.tokens.isGenuine(presented, { purpose: 'verify-email', version: bound.version })) {
      throw new InvalidMailToken();
    }
    await this.transactions.run(async (tx) => {
      const verified = await this.users.verify(tx, userId, bound.version);
      if (!verified) return;
      const { version } = verified;
      await this.events.append(tx, {
        name: 'user.verified',
        stream: userStream(userId),
        version,
        payload: { userId },
      });
    });
  }

  /** Asks for another mail with a link, at most every VERIFY_RESEND_INTERVAL_MS. */
  async askAgain(userId: string): Promise<void> {
    await this.transactions.run(async (tx) => {
      const asked = await this.users.askVerification(tx, userId, this.config.VERIFY_RESEND_INTERVAL_MS);
      if (!asked) return;
      const { version } = asked;
      const name = 'user.verification-requested';
      await this.events.append(tx, { name, stream: userStream(userId), version, payload: { userId } });
    });
  }
}
