import { Injectable } from '@nestjs/common';
import { InvalidMailToken } from '../user.errors.js';
import { UsersRepository } from '../users.repository.js';
import { MailTokens, type MailPurpose } from './mail-tokens.js';

/** What a mailed token has proven: that its bearer reads the mail of this account, or of the address it is to have. */
export interface ProvenGrant<P extends MailPurpose = MailPurpose> {
  readonly purpose: P;
  readonly userId: string;
  /** Of the credentials; whoever acts on the grant names it, so that a twin comes too late. */
  readonly version: number;
  /** The one to change to, when that is the purpose. */
  readonly address: string | null;
}

/** Reads the tokens of mailed links. */
@Injectable()
export class MailGrants {
  constructor(
    private readonly users: UsersRepository,
    private readonly tokens: MailTokens,
  ) {}

  /**
   * What the token is for, of the purposes asked for.
   * @throws InvalidMailToken when it is forged, too old, for something else, or the credentials have changed since
   */
  async prove<P extends MailPurpose>(token: string, ...purposes: readonly P[]): Promise<ProvenGrant<P>> {
    const presented = this.tokens.read(token);
    if (!presented) throw new InvalidMailToken();
    const { userId, expiry } = presented;
    const bound = await this.users.findMailBinding(userId, expiry);
    if (!bound?.isInTime) throw new InvalidMailToken();
    const { version, pendingEmail } = bound;
    for (const purpose of purposes) {
      const address = purpose === 'change-email' ? pendingEmail : null;
      if (purpose === 'change-email' && address === null) continue;
      const grant = { purpose, version, ...(address === null ? {} : { address }) };
      if (this.tokens.isGenuine(presented, grant)) return { purpose, userId, version, address };
    }
    throw new InvalidMailToken();
  }
}
