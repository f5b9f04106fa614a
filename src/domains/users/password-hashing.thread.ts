import { hashSync, verifySync, type Options } from '@node-rs/argon2';

/**
 * What {@link PasswordHasher}'s threads run. Each answers one request at a time, and blocks while it does: that is what
 * the thread is for. Node runs this file as it stands in tests, so its types must be erasable.
 */
export function hash({ password, cost }: { password: string; cost: Options }): string {
  return hashSync(password, cost);
}

/** @throws Error when the hash is none. */
export function verify({ passwordHash, password }: { passwordHash: string; password: string }): boolean {
  return verifySync(passwordHash, password);
}
