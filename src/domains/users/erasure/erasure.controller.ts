import { Body, Controller, Delete, HttpCode, Ip } from '@nestjs/common';
import { ApiAcceptedResponse, ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { SessionHolder } from '../../../contracts/roles.js';
import { Unauthenticated } from '../../../platform/auth/auth.errors.js';
import { CurrentUser } from '../../../platform/auth/current-user.decorator.js';
import { SensitiveRoute } from '../../../platform/auth/route-access.js';
import { ApiProblems } from '../../../platform/http/api-problems.decorator.js';
import { TooManyRequests } from '../../../platform/http/http.errors.js';
import { InvalidRequest, ServiceUnavailable } from '../../../shared/errors.js';
import { ACCEPTED, AcceptedView, WithCurrentPassword } from '../credentials.dto.js';
import { OrdersPending, OwnAdminRights, WrongPassword } from '../user.errors.js';
import { ErasureService } from './erasure.service.js';

@ApiTags('users')
@ApiBearerAuth()
@SensitiveRoute()
@Controller('users/me')
export class ErasureController {
  constructor(private readonly erasures: ErasureService) {}

  @Delete()
  @HttpCode(202)
  @ApiOperation({
    summary: 'Erase me',
    description:
      'For ever. The account, its sessions and its address are gone at once, everything else about me within moments. My orders and payments stay in the books, as nobody’s.',
  })
  @ApiAcceptedResponse({ type: AcceptedView })
  @ApiProblems(
    InvalidRequest,
    Unauthenticated,
    WrongPassword,
    OwnAdminRights,
    OrdersPending,
    TooManyRequests,
    ServiceUnavailable,
  )
  async erase(
    @CurrentUser() user: SessionHolder,
    @Body() { currentPassword }: WithCurrentPassword,
    @Ip() ip: string,
  ): Promise<AcceptedView> {
    await this.erasures.erase({ user, currentPassword, ip });
    return ACCEPTED;
  }
}
