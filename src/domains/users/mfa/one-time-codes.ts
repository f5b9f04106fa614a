import { createHash, randomBytes } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';

const ISSUER = 'Purser';
/** What every authenticator app does without being told: RFC 6238 with its defaults. */
const TOTP_DEFAULTS = { algorithm: 'SHA1', digits: 6, period: 30 } as const;
/** RFC 4226 asks for 128 bits and recommends 160. */
const SECRET_BYTES = 20;
/** Clocks differ, and people type slowly: one period before, and one after. */
const WINDOW = 1;

const RECOVERY_CODES = 10;
/** 80 bits: nobody guesses one, so their hashes need no salt and no slowness. */
const RECOVERY_BYTES = 10;

/** A new secret, in base32 as apps take it. */
export function newSecret(): string {
  return new Secret({ size: SECRET_BYTES }).base32;
}

/** What an app reads from a QR code. */
export function otpauthUrl(secret: string, email: string): string {
  return new TOTP({ ...TOTP_DEFAULTS, issuer: ISSUER, label: email, secret }).toString();
}

/** Which period's code this is, or null when it is none of the three that are good at `now` (ms since the epoch). */
export function counterOf(code: string, secret: string, now: number): number | null {
  if (!/^\d{6}$/.test(code)) return null;
  const options = { ...TOTP_DEFAULTS, secret: Secret.fromBase32(secret), timestamp: now };
  const drift = TOTP.validate({ ...options, token: code, window: WINDOW });
  return drift === null ? null : TOTP.counter({ period: TOTP_DEFAULTS.period, timestamp: now }) + drift;
}

/** To be shown once, for example `K7QF-2MZP-9TWX-C4RD`. */
export function newRecoveryCodes(): string[] {
  return Array.from({ length: RECOVERY_CODES }, () => {
    const text = new Secret({ buffer: new Uint8Array(randomBytes(RECOVERY_BYTES)).buffer }).base32;
    return (text.match(/.{4}/g) ?? []).join('-');
  });
}

/** As it is stored; blanks, hyphens and case do not matter. */
export function recoveryHash(code: string, userId: string): string {
  const plain = code.replaceAll(/[\s-]/g, '').toUpperCase();
  return createHash('sha256').update(`${userId}|${plain}`).digest('base64url');
}
