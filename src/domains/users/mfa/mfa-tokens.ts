import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../../platform/config/config.js';
import { isId } from '../../../shared/ids.js';
import { isSame, keyedHash } from '../keyed-hash.js';

const SHAPE = /^([0-9a-f-]{36})\.(\d{1,9})\.([1-9]\d{0,10})\.([\w-]{43})$/;

/** Somebody whose password was right a moment ago. */
export interface HalfLoggedIn {
  readonly userId: string;
  /** Of the credentials: a new password makes the token void. */
  readonly credentialsVersion: number;
}

/** `user.version.expiry.mac`: what a login answers that needs a code, good for that code and for nothing else. */
@Injectable()
export class MfaTokens {
  constructor(@Inject(CONFIG) private readonly config: Config) {}

  make(who: HalfLoggedIn): string {
    const expiry = Math.floor(Date.now() / 1_000) + this.config.MFA_TOKEN_TTL_SECONDS;
    return `${who.userId}.${who.credentialsVersion}.${expiry}.${this.mac(who, expiry)}`;
  }

  /** Null when it is forged or too old. */
  read(token: string): HalfLoggedIn | null {
    const [, userId, version, expiry, mac] = SHAPE.exec(token) ?? [];
    if (!isId(userId) || mac === undefined) return null;
    const who = { userId, credentialsVersion: Number(version) };
    const isGood = isSame(mac, this.mac(who, Number(expiry))) && Number(expiry) * 1_000 > Date.now();
    return isGood ? who : null;
  }

  private mac({ userId, credentialsVersion }: HalfLoggedIn, expiry: number): string {
    return keyedHash(this.config.TOKEN_SECRET, 'mfa1', userId, credentialsVersion, expiry);
  }
}
