import { Injectable } from '@nestjs/common';
import { PasswordHasher } from '../password-hasher.js';
import { VerificationService } from '../registration/verification.service.js';
import { InvalidCredentials } from '../user.errors.js';
import { UsersRepository, type Credentials } from '../users.repository.js';
import { LoginLimits } from './login-limits.js';
import { SessionStartService, type Client, type SessionTokens } from './session-start.service.js';

export interface Login extends Client {
  /** In lower case. */
  readonly email: string;
  readonly password: string;
}

@Injectable()
export class LoginService {
  constructor(
    private readonly users: UsersRepository,
    private readonly limits: LoginLimits,
    private readonly hasher: PasswordHasher,
    private readonly verification: VerificationService,
    private readonly sessionStart: SessionStartService,
  ) {}

  /**
   * Starts a session. Before the address is verified it refuses like a wrong password, and has the link mailed again to
   * whoever knew the right one.
   * @throws InvalidCredentials, TooManyRequests, ServiceUnavailable
   */
  async login({ email, password, device, ip }: Login): Promise<SessionTokens> {
    await this.limits.count({ email, ip });
    const user = await this.users.findCredentials(email);
    const isRight = await this.isRight(user, { email, password, device, ip });
    if (!user || !isRight || !user.isActive) throw new InvalidCredentials();
    if (!user.isVerified) {
      await this.verification.askAgain(user.id);
      throw new InvalidCredentials();
    }
    const tokens = await this.sessionStart.start(user, { device, ip });
    await this.limits.succeeded({ email, ip });
    return tokens;
  }

  private async isRight(user: Credentials | null, { email, password, ip }: Login): Promise<boolean> {
    try {
      return await this.hasher.verify(user?.passwordHash ?? null, password);
    } catch (error) {
      await this.limits.untried({ email, ip });
      throw error;
    }
  }
}
