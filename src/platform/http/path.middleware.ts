import type { RequestHandler } from 'express';
import { MalformedPath } from './http.errors.js';

/** U+0000 is legal in a URL, but PostgreSQL takes no text with it. */
const NUL = '%00';

/** Refuses an address that cannot be decoded, before the router trips over it. */
export const refuseMalformedPath: RequestHandler = (request, _response, next) => {
  const isSound = !request.url.includes('%') || (isDecodable(request.path) && !request.url.includes(NUL));
  next(isSound ? undefined : new MalformedPath('The path is not valid percent-encoding, or holds U+0000.'));
};

function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}
