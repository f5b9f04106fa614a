import { Global, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { PassportModule } from '@nestjs/passport';
import { LimiterModule } from '../http/limiter.module.js';
import { AccessTokens } from './access-tokens.js';
import { ApiKeyCheck } from './api-keys/api-key-check.js';
import { BrowserSessions } from './browser/browser-sessions.js';
import { Csrf } from './browser/csrf.js';
import { CsrfGuard } from './browser/csrf.guard.js';
import { DatabaseClock } from './database-clock.js';
import { JwtAuthGuard } from './jwt-auth.guard.js';
import { JwtStrategy } from './jwt.strategy.js';
import { PermissionsGuard } from './permissions.guard.js';
import { SessionCheck } from './session-check.js';
import { SessionCopies } from './session-copies.js';
import { UserLimitGuard } from './user-limit.guard.js';
import { UserLimit } from './user-limit.js';
import { VerifiedTokens } from './verified-tokens.js';

/**
 * Guards every route of the composition that imports it. Needs a SessionDirectory and an ApiKeyDirectory
 * (`app/ports.module.ts`), and Redis.
 * Guards run in the order their modules are imported: what counts the requests of an address comes before this one.
 */
@Global()
@Module({
  imports: [LimiterModule, PassportModule],
  providers: [
    AccessTokens,
    ApiKeyCheck,
    BrowserSessions,
    Csrf,
    CsrfGuard,
    DatabaseClock,
    JwtStrategy,
    SessionCheck,
    SessionCopies,
    UserLimit,
    VerifiedTokens,
    { provide: APP_GUARD, useClass: JwtAuthGuard },
    { provide: APP_GUARD, useExisting: CsrfGuard },
    { provide: APP_GUARD, useClass: UserLimitGuard },
    { provide: APP_GUARD, useClass: PermissionsGuard },
  ],
  exports: [AccessTokens, BrowserSessions, SessionCopies, UserLimit, VerifiedTokens],
})
export class AuthModule {}
