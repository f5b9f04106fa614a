import { SetMetadata } from '@nestjs/common';
import type { Role } from '../../contracts/roles.js';

export const PUBLIC = 'purser:public';
export const SENSITIVE = 'purser:sensitive';
export const ROLES_ALLOWED = 'purser:roles';

/** Anybody may call this route: no token is asked for, and none is looked at. */
export const Public = () => SetMetadata(PUBLIC, true);

/**
 * Payment, admin and account routes: the session is read from PostgreSQL, so that a revocation counts at once.
 * Elsewhere a copy up to SESSION_COPY_MAX_AGE_MS old is believed.
 */
export const SensitiveRoute = () => SetMetadata(SENSITIVE, true);

/**
 * Only who has one of these roles may call this route; no role implies another. Such a route reads the session from
 * PostgreSQL too, like one marked with {@link SensitiveRoute}.
 */
export const Roles = (...roles: [Role, ...Role[]]) => SetMetadata(ROLES_ALLOWED, roles);
