import { Global, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { PassportModule } from '@nestjs/passport';
import { AccessTokens } from './access-tokens.js';
import { DatabaseClock } from './database-clock.js';
import { JwtAuthGuard } from './jwt-auth.guard.js';
import { JwtStrategy } from './jwt.strategy.js';
import { PermissionsGuard } from './permissions.guard.js';
import { SessionCheck } from './session-check.js';
import { SessionCopies } from './session-copies.js';
import { VerifiedTokens } from './verified-tokens.js';

/**
 * Guards every route of the composition that imports it. Needs a SessionDirectory (`app/ports.module.ts`) and Redis.
 * Guards run in the order their modules are imported: whatever counts requests comes before this one.
 */
@Global()
@Module({
  imports: [PassportModule],
  providers: [
    AccessTokens,
    DatabaseClock,
    JwtStrategy,
    SessionCheck,
    SessionCopies,
    VerifiedTokens,
    { provide: APP_GUARD, useClass: JwtAuthGuard },
    { provide: APP_GUARD, useClass: PermissionsGuard },
  ],
  exports: [AccessTokens, SessionCopies, VerifiedTokens],
})
export class AuthModule {}
