import { Inject, Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { raise } from '../../../shared/errors.js';
import { CONFIG, type Config } from '../../config/config.js';
import { ACCESS_COOKIE, COOKIE, cookieOf, CSRF_COOKIE, isByCookie, REFRESH_COOKIE } from './cookies.js';
import { Csrf } from './csrf.js';

interface Tokens {
  readonly sessionId: string;
  readonly accessToken: string;
  /** Seconds. */
  readonly expiresIn: number;
  readonly refreshToken: string;
}

/** What a page is told of its session: the tokens themselves are in cookies, where no script reads them. */
export interface BrowserSession {
  readonly csrfToken: string;
  /** Seconds. */
  readonly expiresIn: number;
}

/** Sessions whose tokens live in a browser's cookies. */
@Injectable()
export class BrowserSessions {
  constructor(
    private readonly csrf: Csrf,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * Before cookies are set or taken on a public route, where there is no session yet that a token could belong to: else
   * another page could log its visitor in as somebody else.
   * @throws CsrfRefused
   */
  admit(request: Request): void {
    this.csrf.checkOrigin(request);
  }

  /** The refresh token of the cookie, or null. */
  refreshTokenOf(request: Request): string | null {
    return cookieOf(request, REFRESH_COOKIE);
  }

  open(request: Request, { sessionId, accessToken, expiresIn, refreshToken }: Tokens): BrowserSession {
    const csrfToken = this.csrf.issue(request, sessionId);
    responseOf(request)
      .cookie(ACCESS_COOKIE, accessToken, { ...COOKIE, maxAge: expiresIn * 1_000 })
      .cookie(REFRESH_COOKIE, refreshToken, { ...COOKIE, maxAge: this.config.SESSION_TTL_SECONDS * 1_000 });
    return { csrfToken, expiresIn };
  }

  /** Takes the cookies back, where it was cookies that let the request in. */
  close(request: Request): void {
    if (!isByCookie(request)) return;
    for (const name of [ACCESS_COOKIE, REFRESH_COOKIE, CSRF_COOKIE]) responseOf(request).clearCookie(name, COOKIE);
  }
}

function responseOf({ res }: Request) {
  return res ?? raise(new Error('a request without a response'));
}
