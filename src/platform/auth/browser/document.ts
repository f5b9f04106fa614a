import type { OpenAPIObject } from '@nestjs/swagger';
import { ACCESS_COOKIE } from './cookies.js';

const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;

/** Its bearer token is no access token, and in no cookie. */
const HALF_LOGGED_IN = '/v1/auth/mfa';

/** Says of every route that takes a bearer token that a page of the shop comes in by its cookie as well. */
export function addCookieMode(document: OpenAPIObject): OpenAPIObject {
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of METHODS) {
      const operation = item[method];
      if (
        !path.startsWith('/v1/') ||
        path === HALF_LOGGED_IN ||
        !operation?.security?.some((scheme) => 'bearer' in scheme)
      )
        continue;
      const byCookie: Record<string, string[]> = method === 'get' ? { cookie: [] } : { cookie: [], csrf: [] };
      operation.security = [...operation.security, byCookie];
    }
  }
  return document;
}

/** How the document names what a page sends. */
export const COOKIE_SCHEME = {
  type: 'apiKey',
  in: 'cookie',
  name: ACCESS_COOKIE,
  description: 'Set by a login with `mode: "cookie"`; the browser sends it by itself.',
} as const;

export const CSRF_SCHEME = {
  type: 'apiKey',
  in: 'header',
  name: 'X-CSRF-Token',
  description: 'The csrfToken of that login. A page needs it for whatever changes something.',
} as const;
