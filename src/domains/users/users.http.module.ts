import { Module } from '@nestjs/common';
import { AccountService } from './account.service.js';
import { AddressChangeService } from './addresses/address-change.service.js';
import { AddressController } from './addresses/address.controller.js';
import { AddressesRepository } from './addresses/addresses.repository.js';
import { UsersAdminController } from './admin/users-admin.controller.js';
import { UsersAdminRepository } from './admin/users-admin.repository.js';
import { UsersAdminService } from './admin/users-admin.service.js';
import { ApiKeysController } from './api-keys/api-keys.controller.js';
import { ApiKeysService } from './api-keys/api-keys.service.js';
import { AuthController } from './auth.controller.js';
import { ErasureController } from './erasure/erasure.controller.js';
import { ErasureRepository } from './erasure/erasure.repository.js';
import { ErasureService } from './erasure/erasure.service.js';
import { ExportController } from './export/export.controller.js';
import { ExportService } from './export/export.service.js';
import { KnownDevices } from './devices/known-devices.js';
import { MfaCodesService } from './mfa/mfa-codes.service.js';
import { MfaController } from './mfa/mfa.controller.js';
import { MfaEnrolmentService } from './mfa/mfa-enrolment.service.js';
import { MfaFactorsRepository } from './mfa/mfa-factors.repository.js';
import { MfaLimits } from './mfa/mfa-limits.js';
import { MfaLoginController } from './mfa/mfa-login.controller.js';
import { MfaLoginService } from './mfa/mfa-login.service.js';
import { MfaTokens } from './mfa/mfa-tokens.js';
import { SecretBox } from './mfa/secret-box.js';
import { PasswordHasher } from './password-hasher.js';
import { CurrentPasswordService } from './passwords/current-password.service.js';
import { PasswordChangeService } from './passwords/password-change.service.js';
import { PasswordResetController } from './passwords/password-reset.controller.js';
import { PasswordResetService } from './passwords/password-reset.service.js';
import { PasswordController } from './passwords/password.controller.js';
import { PasswordsRepository } from './passwords/passwords.repository.js';
import { MailGrants } from './registration/mail-grants.js';
import { RegistrationService } from './registration/registration.service.js';
import { VerificationService } from './registration/verification.service.js';
import { LoginPageController } from './sessions/login-page.controller.js';
import { LoginLimits } from './sessions/login-limits.js';
import { LoginService } from './sessions/login.service.js';
import { RefreshTokens } from './sessions/refresh-tokens.js';
import { RefreshService } from './sessions/refresh.service.js';
import { SessionStartService } from './sessions/session-start.service.js';
import { SessionsService } from './sessions/sessions.service.js';
import { ThrottleNotices } from './sessions/throttle-notices.js';
import { AccountStandingRepository } from './standing/account-standing.repository.js';
import { AccountStandingService } from './standing/account-standing.service.js';
import { UsersController } from './users.controller.js';
import { UsersModule } from './users.module.js';

/** The accounts' doors. Needs {@link AuthModule} beside it: only web servers log anybody in. */
@Module({
  imports: [UsersModule],
  controllers: [
    AuthController,
    MfaLoginController,
    MfaController,
    PasswordResetController,
    UsersController,
    PasswordController,
    AddressController,
    ApiKeysController,
    UsersAdminController,
    LoginPageController,
    ErasureController,
    ExportController,
  ],
  providers: [
    AccountService,
    ApiKeysService,
    AccountStandingRepository,
    AccountStandingService,
    AddressChangeService,
    AddressesRepository,
    CurrentPasswordService,
    ErasureRepository,
    ErasureService,
    ExportService,
    KnownDevices,
    LoginLimits,
    LoginService,
    MailGrants,
    PasswordChangeService,
    MfaCodesService,
    MfaEnrolmentService,
    MfaFactorsRepository,
    MfaLimits,
    MfaLoginService,
    MfaTokens,
    PasswordHasher,
    PasswordResetService,
    PasswordsRepository,
    RefreshService,
    RefreshTokens,
    RegistrationService,
    SecretBox,
    SessionStartService,
    SessionsService,
    ThrottleNotices,
    UsersAdminRepository,
    UsersAdminService,
    VerificationService,
  ],
})
export class UsersHttpModule {}
