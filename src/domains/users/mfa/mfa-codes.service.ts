import { Injectable } from '@nestjs/common';
import { Transactions } from '../../../platform/database/transactions.js';
import { MfaNotEnrolled, WrongCode } from '../user.errors.js';
import { MfaFactorsRepository } from './mfa-factors.repository.js';
import { MfaLimits } from './mfa-limits.js';
import { counterOf, recoveryHash } from './one-time-codes.js';
import { SecretBox } from './secret-box.js';

/** Takes codes, each once. */
@Injectable()
export class MfaCodesService {
  constructor(
    private readonly factors: MfaFactorsRepository,
    private readonly limits: MfaLimits,
    private readonly secrets: SecretBox,
    private readonly transactions: Transactions,
  ) {}

  /**
   * A code of the app, or one of the recovery codes. It is used up.
   * @throws WrongCode, MfaNotEnrolled, TooManyRequests
   */
  async use(userId: string, code: string): Promise<void> {
    // Before the code is looked at: of a burst that is counted afterwards every guess is tried.
    await this.limits.count(userId);
    const factor = await this.factors.find(userId);
    if (!factor?.isConfirmed) throw new MfaNotEnrolled();
    const secret = this.secrets.open(factor.secret, userId);
    const counter = counterOf(code, secret, factor.now);
    const isTaken = await this.transactions.run((tx) =>
      counter === null
        ? this.factors.useRecovery(tx, userId, recoveryHash(code, userId))
        : this.factors.useCounter(tx, userId, { counter, secret: this.secrets.close(secret, userId) }),
    );
    if (!isTaken) throw new WrongCode();
    await this.limits.succeeded(userId);
  }
}
