import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiExtension, ApiSecurity } from '@nestjs/swagger';
import { isScope, type Permission } from '../../contracts/permissions.js';

export const PUBLIC = 'purser:public';
export const SENSITIVE = 'purser:sensitive';
export const WITHOUT_MFA = 'purser:without-mfa';
export const REQUIRED = 'purser:required';

/** Anybody may call this route: no token is asked for, and none is looked at. */
export const Public = () => SetMetadata(PUBLIC, true);

/**
 * Payment, admin and account routes: the session is read from PostgreSQL, so that a revocation counts at once.
 * Elsewhere a copy up to SESSION_COPY_MAX_AGE_MS old is believed.
 */
export const SensitiveRoute = () => SetMetadata(SENSITIVE, true);

/** How the document names what a program sends, and what a route asks for. */
export const API_KEY_SCHEME = 'apiKey';
export const PERMISSIONS_EXTENSION = 'x-permissions';

/**
 * Only who has one of these permissions may call this route: `contracts/permissions.ts` says which roles have them.
 * Where customers have none of them the session is read from PostgreSQL, as with {@link SensitiveRoute}. An API key with
 * one of them gets in too; it gets in nowhere else.
 */
export const Requires = (...permissions: [Permission, ...Permission[]]) =>
  applyDecorators(
    SetMetadata(REQUIRED, permissions),
    ApiExtension(PERMISSIONS_EXTENSION, permissions),
    ...(permissions.some(isScope) ? [ApiSecurity(API_KEY_SCHEME)] : []),
  );

/** Open to an admin who still has to get a second factor, where admins need one: the way to it, and the way out. */
export const WithoutMfa = () => SetMetadata(WITHOUT_MFA, true);
