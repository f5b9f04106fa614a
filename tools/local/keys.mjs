import { randomBytes } from 'node:crypto';

/** HS256 wants 256 bits. */
const KEY_BYTES = 32;
const ID_BYTES = 4;

/** What signs and verifies access tokens, as the product reads it. @typedef {Record<string, string>} Keys */

/**
 * The three settings a rotation goes through. Every server of one setting takes the tokens of its neighbours, so each may be
 * rolled out server by server; the last one when the tokens of the old key have expired.
 * @param {{ secret: string, id: string }} current
 * @returns {{ announced: Keys, signing: Keys, alone: Keys }}
 */
export function rotation(current) {
  const next = { secret: randomBytes(KEY_BYTES).toString('hex'), id: `k-${randomBytes(ID_BYTES).toString('hex')}` };
  return {
    announced: { ...asCurrent(current), ...asOther(next) },
    signing: { ...asCurrent(next), ...asOther(current) },
    alone: asCurrent(next),
  };
}

/** @param {{ secret: string, id: string }} key @returns {Keys} */
function asCurrent({ secret, id }) {
  return { JWT_SECRET: secret, JWT_KEY_ID: id };
}

/** @param {{ secret: string, id: string }} key @returns {Keys} */
function asOther({ secret, id }) {
  return { JWT_SECRET_PREVIOUS: secret, JWT_KEY_ID_PREVIOUS: id };
}
