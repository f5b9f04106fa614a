import type { RequestHandler } from 'express';
import type { SessionCopies } from './session-copies.js';
import { tokenOf, type VerifiedTokens } from './verified-tokens.js';

/** Begins to read the session of a known token, so that it comes back from Redis together with the count of the limit. */
export function foreseeSession(verified: VerifiedTokens, copies: SessionCopies): RequestHandler {
  return (request, _response, next) => {
    const claims = verified.find(tokenOf(request) ?? '');
    if (claims) copies.foresee(request, claims.sid);
    next();
  };
}
