import { Module } from '@nestjs/common';
import { AccountService } from './account.service.js';
import { UsersAdminController } from './admin/users-admin.controller.js';
import { UsersAdminRepository } from './admin/users-admin.repository.js';
import { UsersAdminService } from './admin/users-admin.service.js';
import { ApiKeysController } from './api-keys/api-keys.controller.js';
import { ApiKeysService } from './api-keys/api-keys.service.js';
import { AuthController } from './auth.controller.js';
import { PasswordHasher } from './password-hasher.js';
import { RegistrationService } from './registration/registration.service.js';
import { VerificationService } from './registration/verification.service.js';
import { LoginPageController } from './sessions/login-page.controller.js';
import { LoginLimits } from './sessions/login-limits.js';
import { LoginService } from './sessions/login.service.js';
import { RefreshTokens } from './sessions/refresh-tokens.js';
import { RefreshService } from './sessions/refresh.service.js';
import { SessionStartService } from './sessions/session-start.service.js';
import { SessionsService } from './sessions/sessions.service.js';
import { AccountStandingRepository } from './standing/account-standing.repository.js';
import { AccountStandingService } from './standing/account-standing.service.js';
import { UsersController } from './users.controller.js';
import { UsersModule } from './users.module.js';

/** The accounts' doors. Needs {@link AuthModule} beside it: only web servers log anybody in. */
@Module({
  imports: [UsersModule],
  controllers: [AuthController, LoginPageController, UsersController, ApiKeysController, UsersAdminController],
  providers: [
    AccountService,
    ApiKeysService,
    AccountStandingRepository,
    AccountStandingService,
    LoginLimits,
    LoginService,
    PasswordHasher,
    RefreshService,
    RefreshTokens,
    RegistrationService,
    SessionStartService,
    SessionsService,
    UsersAdminRepository,
    UsersAdminService,
    VerificationService,
  ],
})
export class UsersHttpModule {}
