import { Body, Controller, HttpCode, Ip, Put } from '@nestjs/common';
import { ApiAcceptedResponse, ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { SessionHolder } from '../../../contracts/roles.js';
import { Unauthenticated } from '../../../platform/auth/auth.errors.js';
import { CurrentUser } from '../../../platform/auth/current-user.decorator.js';
import { SensitiveRoute } from '../../../platform/auth/route-access.js';
import { ApiProblems } from '../../../platform/http/api-problems.decorator.js';
import { TooManyRequests } from '../../../platform/http/http.errors.js';
import { StrictLimit } from '../../../platform/http/limits/strict-limits.js';
import { InvalidRequest, ServiceUnavailable } from '../../../shared/errors.js';
import { ACCEPTED, AcceptedView } from '../credentials.dto.js';
import { WrongPassword } from '../user.errors.js';
import { AddressChangeService } from './address-change.service.js';
import { ChangeAddress } from './addresses.dto.js';

@ApiTags('users')
@ApiBearerAuth()
@SensitiveRoute()
@Controller('users/me/email')
export class AddressController {
  constructor(private readonly changes: AddressChangeService) {}

  @Put()
  @StrictLimit('ask-for-mail')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Change my address',
    description:
      'The new address gets a link, the old one a notice. It changes when the link is used, by verify-email.',
  })
  @ApiAcceptedResponse({ type: AcceptedView, description: 'The same for an address that somebody has.' })
  @ApiProblems(InvalidRequest, Unauthenticated, WrongPassword, TooManyRequests, ServiceUnavailable)
  async change(
    @CurrentUser() user: SessionHolder,
    @Body() { currentPassword, email }: ChangeAddress,
    @Ip() ip: string,
  ): Promise<AcceptedView> {
    await this.changes.ask({ user, currentPassword, ip }, email);
    return ACCEPTED;
  }
}
