import type { CookieOptions, Request } from 'express';
import { memberOf } from '../../../shared/unknown.js';

/** Cookies with this prefix belong to one host: no page elsewhere, not even on a subdomain, can set them. */
export const ACCESS_COOKIE = '__Host-purser-access';
export const REFRESH_COOKIE = '__Host-purser-refresh';
export const CSRF_COOKIE = '__Host-purser-csrf';

/** No script reads them, no plain connection carries them (a browser's own machine counts as safe), no other site sends them. */
export const COOKIE = { path: '/', httpOnly: true, secure: true, sameSite: 'strict' } as const satisfies CookieOptions;

export function cookieOf(request: Request, name: string): string | null {
  const value = memberOf(request.cookies, name);
  return typeof value === 'string' && value !== '' ? value : null;
}

/**
 * Whether a request would be let in by its cookie, which the browser adds whoever had it sent. One that brings a
 * credential in a header was made by a program that holds it: its cookies are not looked at.
 */
export function isByCookie(request: Request): boolean {
  const { authorization, 'x-api-key': apiKey } = request.headers;
  return authorization === undefined && apiKey === undefined && cookieOf(request, ACCESS_COOKIE) !== null;
}
