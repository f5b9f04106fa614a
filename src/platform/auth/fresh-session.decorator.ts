import { SetMetadata } from '@nestjs/common';

export const FRESH_SESSION = 'purser:fresh-session';

/**
 * Payment, admin and account routes: the session is read from PostgreSQL, so that a revocation counts at once.
 * Elsewhere a copy up to SESSION_COPY_MAX_AGE_MS old is believed.
 */
export const FreshSession = () => SetMetadata(FRESH_SESSION, true);
