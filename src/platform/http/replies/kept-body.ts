import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import type { Request, Response } from 'express';
import { acceptsGzip, gzipped, isWorthGzip } from './gzip.js';

const ETAG_CHARACTERS = 22;

/** The bytes of a reply, made once and sent many times. */
export interface KeptBody {
  readonly etag: string;
  /** Whether the bytes are the JSON's gzip: when it is large enough, and not too large, to be worth it. */
  readonly isGzip: boolean;
  /** Base64: JSON inside JSON would be escaped twice. */
  readonly bytes: string;
}

export async function keptBody(view: object): Promise<KeptBody> {
  const json = Buffer.from(JSON.stringify(view));
  const hash = createHash('sha256').update(json).digest('base64url').slice(0, ETAG_CHARACTERS);
  const isGzip = isWorthGzip(json);
  const bytes = isGzip ? await gzipped(json) : json;
  // Weak: the same for both encodings.
  return { etag: `W/"${hash}"`, isGzip, bytes: bytes.toString('base64') };
}

/**
 * Sends it, or 304 to one who has it. Whoever stores it asks before each use: an admin's change is seen at once.
 * @throws TypeError on a route that knows its caller: what is kept is everybody's
 */
export function sendKept(body: KeptBody, request: Request, response: Response): void {
  if (request.user) throw new TypeError('a kept body is for public routes only');
  response.setHeader('ETag', body.etag).setHeader('Cache-Control', 'no-cache');
  if (body.isGzip) response.vary('Accept-Encoding');
  if (request.fresh) {
    response.status(304).end();
    return;
  }
  const bytes = bytesFor(body, request, response);
  response.setHeader('Content-Type', 'application/json; charset=utf-8').setHeader('Content-Length', bytes.length);
  response.end(bytes);
}

/** For clients that cannot read gzip it is undone here: that costs less than to fetch eight times the bytes from Redis. */
function bytesFor({ isGzip, bytes }: KeptBody, request: Request, response: Response): Buffer {
  const kept = Buffer.from(bytes, 'base64');
  if (!isGzip) return kept;
  if (!acceptsGzip(request)) return gunzipSync(kept);
  response.setHeader('Content-Encoding', 'gzip');
  return kept;
}
