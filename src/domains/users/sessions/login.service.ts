import { Injectable } from '@nestjs/common';
import { KnownDevices, type IssuedDevice } from '../devices/known-devices.js';
import { PasswordHasher } from '../password-hasher.js';
import { VerificationService } from '../registration/verification.service.js';
import { InvalidCredentials } from '../user.errors.js';
import { UsersRepository, type Credentials } from '../users.repository.js';
import { LoginLimits, type Attempt } from './login-limits.js';
import { SessionStartService, type Client, type SessionTokens } from './session-start.service.js';

export interface Login extends Client {
  /** In lower case. */
  readonly email: string;
  readonly password: string;
  /** What the client shows to be a device that this account knows; null when nothing. */
  readonly knownDevice: string | null;
}

export interface LoggedIn extends SessionTokens {
  /** What makes this a device that the account knows. */
  readonly device: IssuedDevice;
}

@Injectable()
export class LoginService {
  constructor(
    private readonly users: UsersRepository,
    private readonly limits: LoginLimits,
    private readonly devices: KnownDevices,
    private readonly hasher: PasswordHasher,
    private readonly verification: VerificationService,
    private readonly sessionStart: SessionStartService,
  ) {}

  /**
   * Starts a session. Before the address is verified it refuses like a wrong password, and has the link mailed again to
   * whoever knew the right one.
   * @throws InvalidCredentials, MfaRequired, TooManyRequests, ServiceUnavailable
   */
  async login({ email, password, device, ip, knownDevice }: Login): Promise<LoggedIn> {
    const attempt = { email, ip, knownAs: this.devices.identify(email, knownDevice) };
    await this.limits.count(attempt);
    const user = await this.users.findCredentials(email);
    const isRight = await this.isRight(user, password, attempt);
    if (!user || !isRight || !user.isActive) throw new InvalidCredentials();
    if (!user.isVerified) {
      await this.verification.askAgain(user.id);
      throw new InvalidCredentials();
    }
    await this.limits.succeeded(attempt);
    const tokens = await this.sessionStart.start(user, { device, ip }, { withCode: false });
    return { ...tokens, device: this.devices.issue(email) };
  }

  private async isRight(user: Credentials | null, password: string, attempt: Attempt): Promise<boolean> {
    try {
      return await this.hasher.verify(user?.passwordHash ?? null, password);
    } catch (error) {
      await this.limits.untried(attempt);
      throw error;
    }
  }
}
