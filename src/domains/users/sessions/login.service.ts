import { Injectable } from '@nestjs/common';
import { PasswordHasher } from '../password-hasher.js';
import { VerificationService } from '../registration/verification.service.js';
import { InvalidCredentials } from '../user.errors.js';
import { UsersRepository } from '../users.repository.js';
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
    private readonly hasher: PasswordHasher,
    private readonly verification: VerificationService,
    private readonly sessionStart: SessionStartService,
  ) {}

  /**
   * Starts a session. Before the address is verified it refuses like a wrong password, and has the link mailed again to
   * whoever knew the right one.
   * @throws InvalidCredentials, ServiceUnavailable
   */
  async login({ email, password, device, ip }: Login): Promise<SessionTokens> {
    const user = await this.users.findCredentials(email);
    const isRight = await this.hasher.verify(user?.passwordHash ?? null, password);
    if (!user || !isRight || !user.isActive) throw new InvalidCredentials();
    if (!user.isVerified) {
      await this.verification.askAgain(user.id);
      throw new InvalidCredentials();
    }
    return this.sessionStart.start(user, { device, ip });
  }
}
