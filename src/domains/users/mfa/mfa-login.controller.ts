import { Body, Controller, Header, HttpCode, Ip, Post, Req, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CsrfRefused, Unauthenticated } from '../../../platform/auth/auth.errors.js';
import { BrowserSessions } from '../../../platform/auth/browser/browser-sessions.js';
import { Public } from '../../../platform/auth/route-access.js';
import { ApiProblems } from '../../../platform/http/api-problems.decorator.js';
import { TooManyRequests } from '../../../platform/http/http.errors.js';
import { InvalidRequest } from '../../../shared/errors.js';
import { type BrowserSessionView, EITHER_VIEW, type SessionTokensView, viewTokens } from '../auth.dto.js';
import { Device } from '../device.decorator.js';
import { KnownDevice, type KnownDeviceCookie } from '../devices/known-device.cookie.js';
import { MfaNotEnrolled, WrongCode } from '../user.errors.js';
import { MfaLoginService } from './mfa-login.service.js';
import { MfaTokenGuard, type HalfLoggedInRequest } from './mfa-token.guard.js';
import { FinishLogin } from './mfa.dto.js';

@ApiTags('auth')
@Controller('auth/mfa')
export class MfaLoginController {
  constructor(
    private readonly logins: MfaLoginService,
    private readonly browsers: BrowserSessions,
  ) {}

  @Post()
  @Public()
  @UseGuards(MfaTokenGuard)
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  @ApiBearerAuth()
  @ApiOperation({
    summary: 'Finish a login with a code',
    description: 'The bearer token is the `mfaToken` that a login answered with `mfa-required`; no other is taken.',
  })
  @ApiOkResponse({ schema: { oneOf: EITHER_VIEW } })
  @ApiProblems(InvalidRequest, Unauthenticated, CsrfRefused, WrongCode, MfaNotEnrolled, TooManyRequests)
  async finish(
    @Body() { code, mode }: FinishLogin,
    @Ip() ip: string,
    @Device() device: string | null,
    @KnownDevice() known: KnownDeviceCookie,
    @Req() request: HalfLoggedInRequest,
  ): Promise<SessionTokensView | BrowserSessionView> {
    if (mode === 'cookie') this.browsers.admit(request);
    const tokens = await this.logins.finish(request.halfLoggedIn, code, { ip, device });
    known.keep(tokens.device);
    return mode === 'cookie' ? this.browsers.open(request, tokens) : viewTokens(tokens);
  }
}
