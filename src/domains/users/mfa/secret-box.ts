import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../../platform/config/config.js';

const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Encrypts what must be read again, unlike a password. Each secret is bound to its owner: in another account's row it
 * cannot be opened.
 */
@Injectable()
export class SecretBox {
  private readonly keys: readonly [current: Buffer, ...previous: Buffer[]];

  constructor(@Inject(CONFIG) { MFA_ENCRYPTION_KEY, MFA_ENCRYPTION_KEY_PREVIOUS }: Config) {
    const previous = MFA_ENCRYPTION_KEY_PREVIOUS === undefined ? [] : [keyOf(MFA_ENCRYPTION_KEY_PREVIOUS)];
    this.keys = [keyOf(MFA_ENCRYPTION_KEY), ...previous];
  }

  /** Always with the current key. */
  close(plain: string, owner: string): string {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(CIPHER, this.keys[0], iv, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(owner));
    const sealed = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
    return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url');
  }

  /** @throws when it was closed for somebody else, with a key that is gone, or was changed since */
  open(box: string, owner: string): string {
    const bytes = Buffer.from(box, 'base64url');
    for (const key of this.keys) {
      const plain = opened(bytes, { key, owner });
      if (plain !== null) return plain;
    }
    throw new Error(`no key opens the secret of user ${owner}`);
  }
}

function opened(bytes: Buffer, { key, owner }: { key: Buffer; owner: string }): string | null {
  const [iv, tag] = [bytes.subarray(0, IV_BYTES), bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES)];
  try {
    const decipher = createDecipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(owner)).setAuthTag(tag);
    return decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
  } catch {
    return null;
  }
}

function keyOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
