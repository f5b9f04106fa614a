import { Inject, Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { ExtractJwt } from 'passport-jwt';
import { CONFIG, type Config } from '../config/config.js';
import type { AccessClaims } from './access-tokens.js';
import { ACCESS_COOKIE, cookieOf, isByCookie } from './browser/cookies.js';

/** Of some 700 bytes each. Beyond it the oldest is verified again when it comes. */
const REMEMBERED_MAX = 5_000;

/** The token of the Authorization header, or null. */
export const bearerTokenOf = ExtractJwt.fromAuthHeaderAsBearerToken();

/** The access token of a request, or null: its header's, or its cookie's. */
export function tokenOf(request: Request): string | null {
  return isByCookie(request) ? cookieOf(request, ACCESS_COOKIE) : bearerTokenOf(request);
}

/**
 * Tokens that passport has found good. A session sends the same one with every request, and what was proven of it once
 * stays true until it expires: its claims cannot change, and whether its session stands is asked each time.
 */
@Injectable()
export class VerifiedTokens {
  private readonly claims = new Map<string, AccessClaims>();

  constructor(@Inject(CONFIG) private readonly config: Config) {}

  find(token: string): AccessClaims | undefined {
    const known = this.claims.get(token);
    if (!known || this.isInTime(known)) return known;
    this.claims.delete(token);
    return undefined;
  }

  remember(token: string, claims: AccessClaims): void {
    const [oldest] = this.claims.keys();
    if (this.claims.size >= REMEMBERED_MAX && oldest !== undefined) this.claims.delete(oldest);
    this.claims.set(token, claims);
  }

  /** As strictly as passport's own verdict: by `exp`, and by the age a token may have. */
  private isInTime({ iat, exp }: AccessClaims): boolean {
    return Math.floor(Date.now() / 1_000) < Math.min(exp, iat + this.config.ACCESS_TOKEN_TTL_SECONDS);
  }
}
