import { SetMetadata } from '@nestjs/common';
import type { Role } from '../../contracts/roles.js';

export const ROLES_ALLOWED = 'purser:roles';

/**
 * Only who has one of these roles may call this route; no role implies another. Such a route reads the session from
 * PostgreSQL too, like one marked with FreshSession.
 */
export const Roles = (...roles: [Role, ...Role[]]) => SetMetadata(ROLES_ALLOWED, roles);
