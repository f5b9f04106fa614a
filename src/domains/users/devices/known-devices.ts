import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../../platform/config/config.js';
import { isId, newId } from '../../../shared/ids.js';
import { isSame, keyedHash } from '../keyed-hash.js';

const SHAPE = /^([0-9a-f-]{36})\.([1-9]\d{0,10})\.([\w-]{43})$/;

export interface IssuedDevice {
  readonly value: string;
  readonly ttlSeconds: number;
}

/**
 * What a device is given that an account's owner has logged in from: with it, the guesses of strangers do not keep the
 * owner out. It lets nobody in, and it has a limit of its own, in case it was stolen
 * (https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies).
 */
@Injectable()
export class KnownDevices {
  constructor(@Inject(CONFIG) private readonly config: Config) {}

  /** `device.expiry.mac`: nothing is stored, and nothing in it tells whose account it is. */
  issue(email: string): IssuedDevice {
    const { KNOWN_DEVICE_TTL_SECONDS: ttlSeconds } = this.config;
    const id = newId();
    const expiry = nowSeconds() + ttlSeconds;
    return { value: `${id}.${expiry}.${this.mac(id, expiry, email)}`, ttlSeconds };
  }

  /** The device's id, or null when this account does not know it. */
  identify(email: string, presented: string | null): string | null {
    const [, id, expiry, mac] = SHAPE.exec(presented ?? '') ?? [];
    if (!isId(id) || expiry === undefined || mac === undefined) return null;
    const isKnown = isSame(mac, this.mac(id, Number(expiry), email)) && Number(expiry) > nowSeconds();
    return isKnown ? id : null;
  }

  private mac(id: string, expiry: number, email: string): string {
    return keyedHash(this.config.TOKEN_SECRET, 'kd1', id, expiry, encodeURIComponent(email));
  }
}

function nowSeconds(): number {
  return Math.floor(Date.now() / 1_000);
}
