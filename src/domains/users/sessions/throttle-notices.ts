import { Injectable } from '@nestjs/common';
import { Transactions } from '../../../platform/database/transactions.js';
import { Events } from '../../../platform/events/events.js';
import { newId } from '../../../shared/ids.js';
import { addressStream } from '../streams.js';
import { UsersRepository } from '../users.repository.js';

/** Has the owner told that somebody guesses. Of an address nobody has it does as much, so that neither can be told. */
@Injectable()
export class ThrottleNotices {
  constructor(
    private readonly users: UsersRepository,
    private readonly transactions: Transactions,
    private readonly events: Events,
  ) {}

  async tell(email: string): Promise<void> {
    const user = await this.users.findCredentials(email);
    const payload = { userId: user?.id ?? null };
    const stream = addressStream(newId());
    const name = 'user.logins-throttled';
    await this.transactions.run((tx) => this.events.append(tx, { name, stream, version: 1, payload }));
  }
}
