import { Injectable, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import type { Principal } from '../../contracts/roles.js';
import { identify } from '../telemetry/request-context.js';
import type { AccessClaims } from './access-tokens.js';
import { Unauthenticated } from './auth.errors.js';
import { SENSITIVE, PUBLIC, ROLES_ALLOWED } from './route-access.js';
import { SessionCheck } from './session-check.js';

interface PassportRequest {
  user: AccessClaims | Principal;
}

/**
 * Asks every route that is not public for a token of ours and a session that still stands. What is wrong is never
 * said: every refusal is the same {@link Unauthenticated}.
 */
@Injectable()
export class JwtAuthGuard extends AuthGuard('jwt') {
  constructor(
    private readonly reflector: Reflector,
    private readonly sessions: SessionCheck,
  ) {
    super();
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    if (this.says(PUBLIC, context)) return true;
    await super.canActivate(context);
    const request = context.switchToHttp().getRequest<PassportRequest>();
    request.user = await this.principalOf(request.user as AccessClaims, context);
    identify(request.user.id);
    return true;
  }

  /** Passport's verdict. Its reasons stay here. */
  override handleRequest<Claims>(error: unknown, claims: Claims | null | false): Claims {
    if (error instanceof Error) throw error;
    if (!claims) throw new Unauthenticated();
    return claims;
  }

  /** The roles are the account's of now, not those the token was made with. */
  private async principalOf(claims: AccessClaims, context: ExecutionContext): Promise<Principal> {
    const isFresh = this.says(SENSITIVE, context) || this.says(ROLES_ALLOWED, context);
    const standing = await this.sessions.standingOf(claims.sid, isFresh);
    if (standing?.userId !== claims.sub) throw new Unauthenticated();
    return { id: claims.sub, email: claims.email, roles: standing.roles, sessionId: claims.sid };
  }

  private says(key: string, context: ExecutionContext): boolean {
    return Boolean(this.reflector.getAllAndOverride<unknown>(key, [context.getHandler(), context.getClass()]));
  }
}
