import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { may, type Permission } from '../../contracts/permissions.js';
import { Forbidden } from './auth.errors.js';
import type { AuthenticatedRequest } from './current-user.decorator.js';
import { REQUIRED } from './route-access.js';

/** Runs after {@link JwtAuthGuard}: by then the roles come from the session's truth, not from the token. */
@Injectable()
export class PermissionsGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const targets = [context.getHandler(), context.getClass()];
    const required = this.reflector.getAllAndOverride<readonly Permission[] | undefined>(REQUIRED, targets);
    if (!required) return true;
    const { user } = context.switchToHttp().getRequest<Partial<AuthenticatedRequest>>();
    if (!user || !may(user, ...required)) throw new Forbidden();
    return true;
  }
}
