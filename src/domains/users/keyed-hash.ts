import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * HMAC-SHA256 over parts that cannot contain the separator, in base64url (43 characters). The first part names the
 * purpose, so that what is signed for one is nothing for another.
 */
export function keyedHash(secret: string, ...parts: readonly (string | number)[]): string {
  return createHmac('sha256', secret).update(parts.join('|')).digest('base64url');
}

/** Takes the same time wherever the two differ. */
export function isSame(presented: string, expected: string): boolean {
  const [one, other] = [Buffer.from(presented), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}
