import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Request, RequestHandler } from 'express';
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

/** Headers that only tell browsers what to do with a page. */
const FOR_PAGES_ONLY = {
  crossOriginOpenerPolicy: false,
  originAgentCluster: false,
  xDnsPrefetchControl: false,
  xDownloadOptions: false,
  xPermittedCrossDomainPolicies: false,
  xXssProtection: false,
} as const;

export function securityHeaders({ APP_ENV }: Config): RequestHandler {
  const strictTransportSecurity = APP_ENV === 'production' && { maxAge: YEAR_SECONDS, includeSubDomains: true };
  const options = (directives: Record<string, string[]>) => ({
    strictTransportSecurity,
    contentSecurityPolicy: { useDefaults: false, directives },
  });
  const forData = headersOf(helmet({ ...options(NOTHING), ...FOR_PAGES_ONLY })).set('Cache-Control', 'no-store');
  const forDocs = headersOf(helmet(options(SWAGGER_UI)));
  return (request, response, next) => {
    response.setHeaders(request.path.startsWith('/docs') ? forDocs : forData);
    next();
  };
}

/** What helmet sets on every answer: always the same, so it is asked once. */
function headersOf(middleware: ReturnType<typeof helmet>): Map<string, number | string | readonly string[]> {
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  middleware(response.req, response, () => undefined);
  return new Map(Object.entries(response.getHeaders()).map(([name, value]) => [name, value ?? '']));
}

/** Express believes the first word of the header, which is the client's own where a proxy appends: every one must be https. */
function isSecure(request: Request): boolean {
  const told = request.header('x-forwarded-proto')?.split(',') ?? [];
  return request.secure && told.every((proto) => proto.trim() === 'https');
}

/** The load balancer ends TLS; what it did not receive over TLS is not answered. Probes and scrapers come from inside. */
export const refusePlainHttp: RequestHandler = (request, _response, next) => {
  const isProbe = request.path.startsWith('/health/') || request.path === '/metrics';
  next(isProbe || isSecure(request) ? undefined : new HttpsRequired('Use https.'));
};
