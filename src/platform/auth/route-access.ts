import { SetMetadata } from '@nestjs/common';
import type { Permission } from '../../contracts/permissions.js';

export const PUBLIC = 'purser:public';
export const SENSITIVE = 'purser:sensitive';
export const REQUIRED = 'purser:required';

/** Anybody may call this route: no token is asked for, and none is looked at. */
export const Public = () => SetMetadata(PUBLIC, true);

/**
 * Payment, admin and account routes: the session is read from PostgreSQL, so that a revocation counts at once.
 * Elsewhere a copy up to SESSION_COPY_MAX_AGE_MS old is believed.
 */
export const SensitiveRoute = () => SetMetadata(SENSITIVE, true);

/**
 * Only who has one of these permissions may call this route: `contracts/permissions.ts` says which roles have them.
 * Where customers have none of them the session is read from PostgreSQL, as with {@link SensitiveRoute}.
 */
export const Requires = (...permissions: [Permission, ...Permission[]]) => SetMetadata(REQUIRED, permissions);
