import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Principal } from '../../contracts/roles.js';

/** What the guards leave on a request they let through. */
export interface AuthenticatedRequest {
  user: Principal;
}

/** The {@link Principal} who is asking; only on routes that are not public. */
export const CurrentUser = createParamDecorator(
  (_data: unknown, context: ExecutionContext): Principal =>
    context.switchToHttp().getRequest<AuthenticatedRequest>().user,
);
