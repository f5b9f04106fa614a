import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../../platform/config/config.js';
import { Transactions } from '../../../platform/database/transactions.js';
import { Events } from '../../../platform/events/events.js';
import { newId } from '../../../shared/ids.js';
import { MailGrants } from '../registration/mail-grants.js';
import { addressStream } from '../streams.js';
import { InvalidMailToken } from '../user.errors.js';
import { PasswordChangeService } from './password-change.service.js';
import { PasswordsRepository } from './passwords.repository.js';

/** A new password for whoever has forgotten theirs. */
@Injectable()
export class PasswordResetService {
  constructor(
    private readonly passwords: PasswordsRepository,
    private readonly grants: MailGrants,
    private readonly changes: PasswordChangeService,
    private readonly transactions: Transactions,
    private readonly events: Events,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * Has a link mailed to the owner of this address, at most every RESET_RESEND_INTERVAL_MS. Whoever asks learns nothing:
   * of an address nobody has an event is recorded too, so that the statements are the same.
   */
  async ask(email: string): Promise<void> {
    const stream = addressStream(newId());
    await this.transactions.run(async (tx) => {
      const userId = await this.passwords.askReset(tx, email, this.config.RESET_RESEND_INTERVAL_MS);
      await this.events.append(tx, { name: 'user.reset-requested', stream, version: 1, payload: { userId } });
    });
  }

  /**
   * Sets a new password by the token of the link, which works once: the version it is bound to changes. Every session
   * ends.
   * @throws InvalidMailToken, ServiceUnavailable
   */
  async reset(token: string, password: string): Promise<void> {
    const { userId, version } = await this.grants.prove(token, 'reset-password');
    const isSet = await this.changes.set({ userId, version, password, isByMail: true, keptId: null });
    if (!isSet) throw new InvalidMailToken();
  }
}
