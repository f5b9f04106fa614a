// @ts-check
import { hashSync, verifySync } from '@node-rs/argon2';

/*
 * What PasswordHasher's threads run. Each answers one request at a time, and blocks while it does: that is what the thread
 * is for. JavaScript, because a thread loads it as it stands: tests do not compile, and Node 20 knows no types.
 */

/** @param {{ password: string, cost: import('@node-rs/argon2').Options }} request */
export function hash({ password, cost }) {
  return hashSync(password, cost);
}

/** @param {{ passwordHash: string, password: string }} request @throws Error when the hash is none. */
export function verify({ passwordHash, password }) {
  return verifySync(passwordHash, password);
}
