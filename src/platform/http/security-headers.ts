import type { RequestHandler } from 'express';
import helmet from 'helmet';
import type { Config } from '../config/config.js';
import { HttpsRequired } from './http.errors.js';

const YEAR_SECONDS = 31_536_000;

/** Data: nothing in an answer may load, run or be framed. Pages of ours set a policy of their own. */
const NOTHING = { defaultSrc: ["'none'"], frameAncestors: ["'none'"], baseUri: ["'none'"], formAction: ["'none'"] };

/** Swagger UI brings its scripts as files; its styles and icons are inline. */
const SWAGGER_UI = {
  ...NOTHING,
  scriptSrc: ["'self'"],
  styleSrc: ["'self'", "'unsafe-inline'"],
  imgSrc: ["'self'", 'data:'],
  connectSrc: ["'self'"],
};

export function securityHeaders({ APP_ENV }: Config): RequestHandler {
  const strictTransportSecurity = APP_ENV === 'production' && { maxAge: YEAR_SECONDS, includeSubDomains: true };
  const headersWith = (directives: Record<string, string[]>) =>
    helmet({ strictTransportSecurity, contentSecurityPolicy: { useDefaults: false, directives } });
  const forData = headersWith(NOTHING);
  const forDocs = headersWith(SWAGGER_UI);
  return (request, response, next) => {
    const isDocs = request.path.startsWith('/docs');
    if (!isDocs) response.setHeader('Cache-Control', 'no-store');
    (isDocs ? forDocs : forData)(request, response, next);
  };
}

/** The load balancer ends TLS; what it did not receive over TLS is not answered. Probes and scrapers come from inside. */
export const refusePlainHttp: RequestHandler = (request, _response, next) => {
  const isProbe = request.path.startsWith('/health/') || request.path === '/metrics';
  next(request.secure || isProbe ? undefined : new HttpsRequired('Use https.'));
};
