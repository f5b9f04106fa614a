import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../../contracts/transaction.js';
import { violates } from '../../../platform/database/postgres-errors.js';
import { Transactions } from '../../../platform/database/transactions.js';
import { Events } from '../../../platform/events/events.js';
import { CurrentPasswordService, type Confirmed } from '../passwords/current-password.service.js';
import { userStream } from '../streams.js';
import { InvalidMailToken, WrongPassword } from '../user.errors.js';
import type { Changed } from '../users.repository.js';
import { AddressesRepository, type AddressWanted } from './addresses.repository.js';

@Injectable()
export class AddressChangeService {
  constructor(
    private readonly addresses: AddressesRepository,
    private readonly current: CurrentPasswordService,
    private readonly transactions: Transactions,
    private readonly events: Events,
  ) {}

  /**
   * Has a link mailed to the new address, and the old one told. Whether somebody has the new one already is not even
   * looked at here: it is when the letter is written, and only that owner learns of it.
   * @throws WrongPassword, TooManyRequests, ServiceUnavailable
   */
  async ask(confirmed: Confirmed, email: string): Promise<void> {
    const { id, credentialsVersion } = await this.current.check(confirmed);
    const asked = await this.transactions.run(async (tx) => {
      const changed = await this.addresses.ask(tx, { id, credentialsVersion, email });
      if (changed) await this.record(tx, 'user.address-change-requested', changed);
      return changed;
    });
    if (!asked) throw new WrongPassword();
  }

  /**
   * The new address has answered: it is the account's from now on.
   * @throws InvalidMailToken when it was somebody's before that, or another change came between
   */
  async confirm(wanted: AddressWanted): Promise<void> {
    try {
      await this.transactions.run(async (tx) => {
        const changed = await this.addresses.confirm(tx, wanted);
        if (!changed) throw new InvalidMailToken();
        await this.record(tx, 'user.address-changed', changed);
      });
    } catch (error) {
      throw violates(error, 'users_email_key') ? new InvalidMailToken() : error;
    }
  }

  private record(
    tx: Transaction,
    name: 'user.address-change-requested' | 'user.address-changed',
    { id: userId, version }: Changed,
  ): Promise<void> {
    return this.events.append(tx, { name, stream: userStream(userId), version, payload: { userId } });
  }
}
