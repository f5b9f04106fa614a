import { Injectable } from '@nestjs/common';
import { Unauthenticated } from '../../../platform/auth/auth.errors.js';
import { KnownDevices } from '../devices/known-devices.js';
import type { LoggedIn } from '../sessions/login.service.js';
import { SessionStartService, type Client } from '../sessions/session-start.service.js';
import { UsersRepository } from '../users.repository.js';
import { MfaCodesService } from './mfa-codes.service.js';
import type { HalfLoggedIn } from './mfa-tokens.js';

@Injectable()
export class MfaLoginService {
  constructor(
    private readonly users: UsersRepository,
    private readonly codes: MfaCodesService,
    private readonly devices: KnownDevices,
    private readonly sessionStart: SessionStartService,
  ) {}

  /**
   * The second half of a login.
   * @throws Unauthenticated when the account or its password is another by now; WrongCode, MfaNotEnrolled, TooManyRequests
   */
  async finish({ userId, credentialsVersion }: HalfLoggedIn, code: string, client: Client): Promise<LoggedIn> {
    const user = await this.users.findCredentialsOf(userId);
    if (!user?.isActive || user.credentialsVersion !== credentialsVersion) throw new Unauthenticated();
    await this.codes.use(userId, code);
    const tokens = await this.sessionStart.start(user, client, { withCode: true });
    return { ...tokens, device: this.devices.issue(user.email) };
  }
}
