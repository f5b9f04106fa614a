import type { Request, RequestHandler, Response } from 'express';
import { acceptsGzip, gzipped, isWorthGzip } from './gzip.js';

const TEXT = /^(text\/|application\/(problem\+)?json\b)/;
/** Compressed beside a text the caller chose, the length of a secret's body tells about the secret (BREACH). */
const WITH_SECRETS = /^\/v1\/auth\//;

/** Compresses a body that is sent in one piece, as Express sends every one of ours; files go as they are. */
export const compressBodies: RequestHandler = (request, response, next) => {
  const end = response.end.bind(response) as (...given: unknown[]) => Response;
  response.end = ((...given: unknown[]) => {
    response.end = end as Response['end'];
    const [body] = given;
    if (!Buffer.isBuffer(body) || !isCompressible(body, request, response)) return end(...given);
    response.vary('Accept-Encoding');
    if (!acceptsGzip(request)) return end(...given);
    gzipped(body).then(
      (bytes) => {
        response.setHeader('Content-Encoding', 'gzip').setHeader('Content-Length', bytes.length);
        end(bytes);
      },
      () => end(body),
    );
    return response;
  }) as Response['end'];
  next();
};

function isCompressible(body: Buffer, request: Request, response: Response): boolean {
  if (response.headersSent || response.hasHeader('Content-Encoding') || WITH_SECRETS.test(request.path)) return false;
  return isWorthGzip(body) && TEXT.test(String(response.getHeader('Content-Type')));
}
