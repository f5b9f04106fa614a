import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { may, type Permission } from '../../contracts/permissions.js';
import { routeFacts } from '../http/route-facts.js';
import { Forbidden } from './auth.errors.js';
import type { AuthenticatedRequest } from './current-user.decorator.js';
import { REQUIRED } from './route-access.js';

/**
 * Runs after {@link JwtAuthGuard}: by then the roles come from the session's truth, not from the token. A route that asks
 * for no permission is about one's own account: no API key gets there.
 */
@Injectable()
export class PermissionsGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const required = routeFacts.of<readonly Permission[]>(REQUIRED, context);
    const { user } = context.switchToHttp().getRequest<Partial<AuthenticatedRequest>>();
    if (required ? user && may(user, ...required) : !user?.scopes) return true;
    throw new Forbidden();
  }
}
