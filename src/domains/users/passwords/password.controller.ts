import { Body, Controller, HttpCode, Ip, Put } from '@nestjs/common';
import { ApiBearerAuth, ApiNoContentResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { SessionHolder } from '../../../contracts/roles.js';
import { Unauthenticated } from '../../../platform/auth/auth.errors.js';
import { CurrentUser } from '../../../platform/auth/current-user.decorator.js';
import { SensitiveRoute } from '../../../platform/auth/route-access.js';
import { ApiProblems } from '../../../platform/http/api-problems.decorator.js';
import { TooManyRequests } from '../../../platform/http/http.errors.js';
import { InvalidRequest, ServiceUnavailable } from '../../../shared/errors.js';
import { WrongPassword } from '../user.errors.js';
import { PasswordChangeService } from './password-change.service.js';
import { ChangePassword } from './passwords.dto.js';

@ApiTags('users')
@ApiBearerAuth()
@SensitiveRoute()
@Controller('users/me/password')
export class PasswordController {
  constructor(private readonly changes: PasswordChangeService) {}

  @Put()
  @HttpCode(204)
  @ApiOperation({
    summary: 'Change my password',
    description: 'Ends all my other sessions at once (OWASP ASVS 5.0, 7.4.3); this one stays. A mail tells me.',
  })
  @ApiNoContentResponse()
  @ApiProblems(InvalidRequest, Unauthenticated, WrongPassword, TooManyRequests, ServiceUnavailable)
  async change(
    @CurrentUser() user: SessionHolder,
    @Body() { currentPassword, password }: ChangePassword,
    @Ip() ip: string,
  ): Promise<void> {
    await this.changes.change({ user, currentPassword, ip }, password);
  }
}
