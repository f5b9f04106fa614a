import type { RequestHandler } from 'express';
import type { SessionCopies } from './session-copies.js';
import type { UserLimit } from './user-limit.js';
import { tokenOf, type VerifiedTokens } from './verified-tokens.js';

interface Foreseen {
  readonly copies: SessionCopies;
  readonly limit: UserLimit;
}

/**
 * Begins to read the session of a known token and to count its user's request, so that both come back from Redis together
 * with the count of the address.
 */
export function foreseeSession(verified: VerifiedTokens, { copies, limit }: Foreseen): RequestHandler {
  return (request, _response, next) => {
    const claims = verified.find(tokenOf(request) ?? '');
    if (claims) {
      copies.foresee(request, claims.sid);
      limit.foresee(request, claims.sub);
    }
    next();
  };
}
