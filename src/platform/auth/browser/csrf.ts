import { createHmac } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { doubleCsrf, type DoubleCsrfUtilities } from 'csrf-csrf';
import type { Request } from 'express';
import { raise } from '../../../shared/errors.js';
import { CsrfRefused } from '../auth.errors.js';
import { CONFIG, type Config } from '../../config/config.js';
import { ownOrigins } from '../../config/own-origins.js';
import { COOKIE, cookieOf, CSRF_COOKIE } from './cookies.js';

/**
 * Tells what a page of ours asked for from what another page had the browser send. Three locks, each of which would do:
 * the cookies are SameSite=Strict, the browser says where the request comes from, and a token has to be known that is
 * signed for this session and that no other page can read.
 */
@Injectable()
export class Csrf {
  private readonly origins: ReadonlySet<string>;
  private readonly tokens: Pick<DoubleCsrfUtilities, 'generateCsrfToken' | 'validateRequest'>;
  private readonly sessions = new WeakMap<Request, string>();

  constructor(@Inject(CONFIG) config: Config) {
    const { SESSION_TTL_SECONDS, TOKEN_SECRET } = config;
    this.origins = ownOrigins(config);
    // A key of its own: what is signed for this purpose is nothing for another.
    const secret = createHmac('sha256', TOKEN_SECRET).update('csrf1').digest('base64url');
    this.tokens = doubleCsrf({
      getSecret: () => secret,
      getSessionIdentifier: (request) => this.sessions.get(request) ?? raise(new Error('whose token is not known')),
      cookieName: CSRF_COOKIE,
      cookieOptions: { ...COOKIE, maxAge: SESSION_TTL_SECONDS * 1_000 },
    });
  }

  /** The token of this session, new or the one its cookie holds: tabs share one. Sets the cookie. */
  issue(request: Request, sessionId: string): string {
    this.sessions.set(request, sessionId);
    const response = request.res ?? raise(new Error('a request without a response'));
    return this.tokens.generateCsrfToken(request, response, { overwrite: cookieOf(request, CSRF_COOKIE) === null });
  }

  /** Where the browser says the request comes from. @throws CsrfRefused */
  checkOrigin({ headers: { origin, 'sec-fetch-site': site = 'same-origin' } }: Request): void {
    const isOurs = origin !== undefined && this.origins.has(origin);
    if (!isOurs || site !== 'same-origin') throw new CsrfRefused();
  }

  /** The origin, and the token of this session. @throws CsrfRefused */
  check(request: Request, sessionId: string): void {
    this.checkOrigin(request);
    this.sessions.set(request, sessionId);
    if (!this.tokens.validateRequest(request)) throw new CsrfRefused();
  }
}
