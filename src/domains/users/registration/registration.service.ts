import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../../platform/config/config.js';
import { Transactions } from '../../../platform/database/transactions.js';
import { Events } from '../../../platform/events/events.js';
import { newId } from '../../../shared/ids.js';
import { PasswordHasher } from '../password-hasher.js';
import { UsersRepository } from '../users.repository.js';
import { userStream } from '../streams.js';

export interface Registration {
  /** In lower case. */
  readonly email: string;
  readonly password: string;
  readonly displayName: string | null;
}

@Injectable()
export class RegistrationService {
  constructor(
    private readonly users: UsersRepository,
    private readonly hasher: PasswordHasher,
    private readonly transactions: Transactions,
    private readonly events: Events,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * Opens an account, or has its owner told that somebody tried to open it again. Whoever asks learns nothing of
   * which it was: the password is hashed either way, and the statements are as many, give or take one.
   */
  async register({ email, password, displayName }: Registration): Promise<void> {
    const passwordHash = await this.hasher.hash(password);
    const user = { id: newId(), email, passwordHash, displayName };
    await this.transactions.run(async (tx) => {
      const opened = await this.users.register(tx, user);
      const told = opened ?? (await this.users.registerAgain(tx, user, this.config.VERIFY_RESEND_INTERVAL_MS));
      if (!told) return;
      const name = opened ? 'user.registered' : 'user.registered-again';
      const { id: userId, version } = told;
      await this.events.append(tx, { name, stream: userStream(userId), version, payload: { userId } });
    });
  }
}
