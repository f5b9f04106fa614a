import { createHash, randomBytes } from 'node:crypto';

const SECRET_BYTES = 32;
/** Enough that a mistyped key is told from a forgotten one without asking anybody, and scanners find what was leaked. */
const CHECKSUM_LENGTH = 6;
/** Of the secret, to tell one's keys apart: it leaves more than 200 bits unknown. */
const SHOWN_LENGTH = 6;

const START = 'purser_';
const SHAPE = /^purser_([\w-]{43})_([\w-]{6})$/;

/** A key as it is made: only `hash` and `prefix` are stored. */
export interface NewApiKey {
  readonly key: string;
  readonly prefix: string;
  readonly hash: string;
}

/** A key `purser_<secret>_<checksum>`. */
export function newApiKey(): NewApiKey {
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  const prefix = `${START}${secret.slice(0, SHOWN_LENGTH)}`;
  return { key: `${START}${secret}_${checksumOf(secret)}`, prefix, hash: sha256(secret) };
}

/**
 * The hash a presented key is looked up by, or null when it is no key of ours. SHA-256 and not argon2: there is nothing
 * to guess in 256 random bits, so a slow hash would only slow us. Nor can time tell anything: what is compared are hashes,
 * and nobody chooses a key whose hash begins like another's.
 */
export function hashOfApiKey(presented: string): string | null {
  const [, secret, checksum] = SHAPE.exec(presented) ?? [];
  return secret !== undefined && checksum === checksumOf(secret) ? sha256(secret) : null;
}

function checksumOf(secret: string): string {
  return sha256(`checksum|${secret}`).slice(0, CHECKSUM_LENGTH);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
