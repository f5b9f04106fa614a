import { Injectable } from '@nestjs/common';
import { Transactions } from '../../platform/database/transactions.js';
import { Events } from '../../platform/events/events.js';
import { userStream } from './streams.js';
import { UsersRepository, type Profile } from './users.repository.js';

@Injectable()
export class AccountService {
  constructor(
    private readonly users: UsersRepository,
    private readonly transactions: Transactions,
    private readonly events: Events,
  ) {}

  /** Changes what is given, and announces it only when something is not so already. */
  async changeProfile(userId: string, profile: Profile): Promise<void> {
    await this.transactions.run(async (tx) => {
      const changed = await this.users.changeProfile(tx, userId, profile);
      if (!changed) return;
      const { version } = changed;
      await this.events.append(tx, { name: 'user.changed', stream: userStream(userId), version, payload: { userId } });
    });
  }
}
