import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Role } from '../../contracts/roles.js';
import { Forbidden } from './auth.errors.js';
import type { AuthenticatedRequest } from './current-user.decorator.js';
import { ROLES_ALLOWED } from './route-access.js';

/** Runs after {@link JwtAuthGuard}: by then the roles come from the session's truth, not from the token. */
@Injectable()
export class RolesGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const targets = [context.getHandler(), context.getClass()];
    const allowed = this.reflector.getAllAndOverride<readonly Role[] | undefined>(ROLES_ALLOWED, targets);
    if (!allowed) return true;
    const { user } = context.switchToHttp().getRequest<Partial<AuthenticatedRequest>>();
    if (!user?.roles.some((role) => allowed.includes(role))) throw new Forbidden();
    return true;
  }
}
