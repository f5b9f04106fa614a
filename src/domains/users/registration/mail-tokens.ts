import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../../platform/config/config.js';
import { isId } from '../../../shared/ids.js';
import { isSame, keyedHash } from '../keyed-hash.js';

/** What a mailed link may be used for; one purpose's token is nothing for another. */
export type MailPurpose = 'verify-email' | 'change-email' | 'reset-password' | 'export-data';

/** What a mailed token is bound to. */
export interface MailGrant {
  readonly purpose: MailPurpose;
  readonly userId: string;
  /** Of the credentials: a link is void once the address or the password has changed. */
  readonly version: number;
  /** Seconds since the epoch, by PostgreSQL's clock. */
  readonly expiry: number;
  /** The address a `change-email` is about: asking for another one makes the link to this one void. */
  readonly address?: string;
}

export interface PresentedMailToken {
  readonly userId: string;
  readonly expiry: number;
  readonly mac: string;
}

const SHAPE = /^([0-9a-f-]{36})\.([1-9]\d{0,10})\.([\w-]{43})$/;

/** Tokens `user.expiry.mac` for links in mails: made when the mail is sent, stored nowhere. */
@Injectable()
export class MailTokens {
  constructor(@Inject(CONFIG) private readonly config: Config) {}

  make(grant: MailGrant): string {
    return `${grant.userId}.${grant.expiry}.${this.mac(grant)}`;
  }

  /** Null when it does not even look like one. */
  read(token: string): PresentedMailToken | null {
    const [, userId, expiry, mac] = SHAPE.exec(token) ?? [];
    if (!isId(userId) || expiry === undefined || mac === undefined) return null;
    return { userId, expiry: Number(expiry), mac };
  }

  isGenuine(
    { userId, expiry, mac }: PresentedMailToken,
    bound: Pick<MailGrant, 'purpose' | 'version' | 'address'>,
  ): boolean {
    return isSame(mac, this.mac({ ...bound, userId, expiry }));
  }

  private mac({ purpose, userId, version, expiry, address }: MailGrant): string {
    const parts = [purpose, userId, version, expiry, ...(address === undefined ? [] : [encodeURIComponent(address)])];
    return keyedHash(this.config.TOKEN_SECRET, 'mt1', ...parts);
  }
}
