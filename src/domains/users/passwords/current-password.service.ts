import { Injectable } from '@nestjs/common';
import type { SessionHolder } from '../../../contracts/roles.js';
import { PasswordHasher } from '../password-hasher.js';
import { LoginLimits } from '../sessions/login-limits.js';
import { WrongPassword } from '../user.errors.js';
import { UsersRepository, type Credentials } from '../users.repository.js';

/** Who asks for what needs their password once more, and where they ask from. */
export interface Confirmed {
  readonly user: SessionHolder;
  readonly currentPassword: string;
  readonly ip: string | null;
}

/** Asks whoever is logged in for their password: an unlocked device or a stolen token does not know it. */
@Injectable()
export class CurrentPasswordService {
  constructor(
    private readonly users: UsersRepository,
    private readonly limits: LoginLimits,
    private readonly hasher: PasswordHasher,
  ) {}

  /**
   * The credentials that were confirmed; whoever changes them names their version. Guesses are bounded as logins are,
   * per session: guesses of strangers do not count here.
   * @throws WrongPassword, TooManyRequests, ServiceUnavailable
   */
  async check({ user, currentPassword, ip }: Confirmed): Promise<Credentials> {
    const credentials = await this.users.findCredentialsOf(user.id);
    if (!credentials?.isActive) throw new WrongPassword();
    const attempt = { email: credentials.email, ip, knownAs: user.sessionId };
    await this.limits.count(attempt);
    if (!(await this.isRight(credentials, currentPassword, () => this.limits.untried(attempt)))) {
      throw new WrongPassword();
    }
    await this.limits.succeeded(attempt);
    return credentials;
  }

  private async isRight({ passwordHash }: Credentials, password: string, untried: () => Promise<void>) {
    try {
      return await this.hasher.verify(passwordHash, password);
    } catch (error) {
      await untried();
      throw error;
    }
  }
}
