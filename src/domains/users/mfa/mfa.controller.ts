import { Body, Controller, Delete, Header, HttpCode, Ip, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiCreatedResponse, ApiNoContentResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { SessionHolder } from '../../../contracts/roles.js';
import { Unauthenticated } from '../../../platform/auth/auth.errors.js';
import { CurrentUser } from '../../../platform/auth/current-user.decorator.js';
import { SensitiveRoute, WithoutMfa } from '../../../platform/auth/route-access.js';
import { ApiProblems } from '../../../platform/http/api-problems.decorator.js';
import { TooManyRequests } from '../../../platform/http/http.errors.js';
import { InvalidRequest, ServiceUnavailable } from '../../../shared/errors.js';
import { CurrentPasswordService } from '../passwords/current-password.service.js';
import { MfaAlreadyEnabled, MfaNotEnrolled, WrongCode, WrongPassword } from '../user.errors.js';
import { MfaCodesService } from './mfa-codes.service.js';
import { MfaEnrolmentService } from './mfa-enrolment.service.js';
import { ConfirmMfa, EnrolMfa, OfferedFactorView, RemoveMfa } from './mfa.dto.js';

@ApiTags('users')
@ApiBearerAuth()
@SensitiveRoute()
@WithoutMfa()
@Controller('users/me/mfa')
export class MfaController {
  constructor(
    private readonly current: CurrentPasswordService,
    private readonly enrolment: MfaEnrolmentService,
    private readonly codes: MfaCodesService,
  ) {}

  @Post()
  @Header('Cache-Control', 'no-store')
  @ApiOperation({
    summary: 'Begin to use a second factor',
    description: 'Shows the secret and the recovery codes once. Counts when a first code has been confirmed.',
  })
  @ApiCreatedResponse({ type: OfferedFactorView })
  @ApiProblems(InvalidRequest, Unauthenticated, WrongPassword, MfaAlreadyEnabled, TooManyRequests, ServiceUnavailable)
  async enrol(
    @CurrentUser() user: SessionHolder,
    @Body() { currentPassword }: EnrolMfa,
    @Ip() ip: string,
  ): Promise<OfferedFactorView> {
    await this.current.check({ user, currentPassword, ip });
    const { recoveryCodes, ...offered } = await this.enrolment.offer(user);
    return { ...offered, recoveryCodes: [...recoveryCodes] };
  }

  @Post('confirm')
  @HttpCode(204)
  @ApiOperation({
    summary: 'Confirm the second factor with a first code',
    description: 'From now on logins ask for a code. All my other sessions end: they were begun without one.',
  })
  @ApiNoContentResponse()
  @ApiProblems(InvalidRequest, Unauthenticated, WrongCode, MfaNotEnrolled, MfaAlreadyEnabled, TooManyRequests)
  async confirm(@CurrentUser() user: SessionHolder, @Body() { code }: ConfirmMfa): Promise<void> {
    await this.enrolment.confirm(user, code);
  }

  @Delete()
  @HttpCode(204)
  @ApiOperation({ summary: 'Stop using the second factor', description: 'The recovery codes are void, too.' })
  @ApiNoContentResponse()
  @ApiProblems(InvalidRequest, Unauthenticated, WrongPassword, WrongCode, MfaNotEnrolled)
  @ApiProblems(TooManyRequests, ServiceUnavailable)
  async remove(
    @CurrentUser() user: SessionHolder,
    @Body() { currentPassword, code }: RemoveMfa,
    @Ip() ip: string,
  ): Promise<void> {
    await this.current.check({ user, currentPassword, ip });
    await this.codes.use(user.id, code);
    await this.enrolment.remove(user.id);
  }
}
