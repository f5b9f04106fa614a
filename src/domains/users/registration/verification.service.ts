import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../../platform/config/config.js';
import { Transactions } from '../../../platform/database/transactions.js';
import { Events } from '../../../platform/events/events.js';
import { AddressChangeService } from '../addresses/address-change.service.js';
import { UsersRepository } from '../users.repository.js';
import { userStream } from '../streams.js';
import { MailGrants } from './mail-grants.js';

@Injectable()
export class VerificationService {
  constructor(
    private readonly users: UsersRepository,
    private readonly grants: MailGrants,
    private readonly changes: AddressChangeService,
    private readonly transactions: Transactions,
    private readonly events: Events,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * Marks the address of a new account as verified, or gives an account the address it waits for: what the link was made
   * for decides. The second click on a new account's link changes nothing and is no error.
   * @throws InvalidMailToken
   */
  async verify(token: string): Promise<void> {
    const { userId, version, address } = await this.grants.prove(token, 'verify-email', 'change-email');
    if (address === null) await this.markVerified(userId, version);
    else await this.changes.confirm({ id: userId, credentialsVersion: version, email: address });
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

  private async markVerified(userId: string, credentialsVersion: number): Promise<void> {
    await this.transactions.run(async (tx) => {
      const verified = await this.users.verify(tx, userId, credentialsVersion);
      if (!verified) return;
      const { version } = verified;
      await this.events.append(tx, { name: 'user.verified', stream: userStream(userId), version, payload: { userId } });
    });
  }
}
