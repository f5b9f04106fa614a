import { Injectable, type ExecutionContext } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import type { Request } from 'express';
import { isPrivileged, type Permission } from '../../contracts/permissions.js';
import type { KeyHolder, SessionHolder } from '../../contracts/roles.js';
import type { SessionStanding } from '../../contracts/session-directory.js';
import { routeFacts } from '../http/route-facts.js';
import { identify } from '../telemetry/request-context.js';
import type { AccessClaims } from './access-tokens.js';
import { ApiKeyCheck, apiKeyOf } from './api-keys/api-key-check.js';
import { MfaEnrolmentRequired, Unauthenticated } from './auth.errors.js';
import { PUBLIC, REQUIRED, SENSITIVE, WITHOUT_MFA } from './route-access.js';
import { SessionCheck } from './session-check.js';
import { tokenOf, VerifiedTokens } from './verified-tokens.js';

interface PassportRequest extends Request {
  user: AccessClaims | SessionHolder | KeyHolder;
}

/**
 * Asks every route that is not public for a token of ours and a session that still stands, or for an API key that does.
 * What is wrong is never said: every refusal is the same {@link Unauthenticated}.
 */
@Injectable()
export class JwtAuthGuard extends AuthGuard('jwt') {
  constructor(
    private readonly sessions: SessionCheck,
    private readonly verified: VerifiedTokens,
    private readonly keys: ApiKeyCheck,
  ) {
    super();
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    if (routeFacts.of(PUBLIC, context)) return true;
    const request = context.switchToHttp().getRequest<PassportRequest>();
    const key = apiKeyOf(request);
    if (key === undefined) {
      request.user = await this.sessionHolderOf(request, context);
      identify(request.user.id);
    } else {
      const holder = await this.keys.holderOf(key, request);
      request.user = holder;
      identify(holder.id, holder.keyId);
    }
    return true;
  }

  /** Passport's verdict. Its reasons stay here. */
  override handleRequest<Claims>(error: unknown, claims: Claims | null | false): Claims {
    if (error instanceof Error) throw error;
    if (!claims) throw new Unauthenticated();
    return claims;
  }

  private async sessionHolderOf(request: PassportRequest, context: ExecutionContext): Promise<SessionHolder> {
    const claims = await this.claimsOf(request, context);
    const isFresh = Boolean(routeFacts.of(SENSITIVE, context)) || this.isPrivileged(context);
    const standing = await this.standingOf(claims, { isFresh, request });
    if (standing.mustEnrol && !routeFacts.of(WITHOUT_MFA, context)) throw new MfaEnrolmentRequired();
    return { id: claims.sub, email: claims.email, roles: standing.roles, sessionId: claims.sid };
  }

  private async claimsOf(request: PassportRequest, context: ExecutionContext): Promise<AccessClaims> {
    const token = tokenOf(request) ?? '';
    const known = this.verified.find(token);
    if (known) return known;
    await super.canActivate(context);
    const claims = request.user as AccessClaims;
    this.verified.remember(token, claims);
    return claims;
  }

  /** The roles are the account's of now, not those the token was made with. */
  private async standingOf(claims: AccessClaims, how: { isFresh: boolean; request: object }): Promise<SessionStanding> {
    const standing = await this.sessions.standingOf(claims.sid, how);
    if (standing?.userId !== claims.sub) throw new Unauthenticated();
    return standing;
  }

  private isPrivileged(context: ExecutionContext): boolean {
    const required = routeFacts.of<readonly Permission[]>(REQUIRED, context);
    return required !== undefined && required.every(isPrivileged);
  }
}
