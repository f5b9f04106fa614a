import { Body, Controller, Get, Header, HttpCode, Ip, Post, Req, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBearerAuth,
  ApiExtraModels,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiProduces,
  ApiQuery,
  ApiTags,
} from '@nestjs/swagger';
import type { Request, Response } from 'express';
import type { SessionHolder } from '../../contracts/roles.js';
import { CsrfRefused, Unauthenticated } from '../../platform/auth/auth.errors.js';
import { BrowserSessions } from '../../platform/auth/browser/browser-sessions.js';
import { CurrentUser } from '../../platform/auth/current-user.decorator.js';
import { Public, SensitiveRoute, WithoutMfa } from '../../platform/auth/route-access.js';
import { ApiProblems } from '../../platform/http/api-problems.decorator.js';
import { TooManyRequests } from '../../platform/http/http.errors.js';
import { StrictLimit } from '../../platform/http/limits/strict-limits.js';
import { sendPage } from '../../platform/http/pages/inline-page.js';
import { InvalidRequest, ServiceUnavailable } from '../../shared/errors.js';
import { BrowserSessionView, LogIn, Refresh, Register, SessionTokensView } from './auth.dto.js';
import { EITHER_VIEW, viewTokens } from './auth.dto.js';
import { VerifyEmail } from './auth.dto.js';
import { ACCEPTED, AcceptedView } from './credentials.dto.js';
import { Device } from './device.decorator.js';
import { KnownDevice, type KnownDeviceCookie } from './devices/known-device.cookie.js';
import { RegistrationService } from './registration/registration.service.js';
import { VerificationService } from './registration/verification.service.js';
import { VERIFY_EMAIL_PAGE } from './registration/verify-email.page.js';
import { LoginService } from './sessions/login.service.js';
import { RefreshService } from './sessions/refresh.service.js';
import { SessionsService } from './sessions/sessions.service.js';
import { InvalidCredentials, InvalidMailToken, MfaRequired } from './user.errors.js';

@ApiTags('auth')
@ApiExtraModels(SessionTokensView, BrowserSessionView)
@Controller('auth')
export class AuthController {
  constructor(
    private readonly registration: RegistrationService,
    private readonly verification: VerificationService,
    private readonly logins: LoginService,
    private readonly refreshes: RefreshService,
    private readonly sessions: SessionsService,
    private readonly browsers: BrowserSessions,
  ) {}

  @Post('register')
  @Public()
  @StrictLimit('register')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Open an account',
    description: 'A mail carries the link that opens it. Of a known address its owner is told, and the caller is not.',
  })
  @ApiAcceptedResponse({ type: AcceptedView, description: 'The same for a known address.' })
  @ApiProblems(InvalidRequest, ServiceUnavailable)
  async register(@Body() { email, password, displayName }: Register): Promise<AcceptedView> {
    await this.registration.register({ email, password, displayName: displayName ?? null });
    return ACCEPTED;
  }

  @Post('login')
  @Public()
  @StrictLimit('login')
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  @ApiOperation({
    summary: 'Log in',
    description:
      'Starts a session: a short access token for every request, and a refresh token for the next one. In the body, or in cookies (`mode`). A cookie makes the device known: sent with the next login, it spares that one the guesses of strangers.',
  })
  @ApiOkResponse({ schema: { oneOf: EITHER_VIEW } })
  @ApiProblems(InvalidRequest, InvalidCredentials, MfaRequired, CsrfRefused, TooManyRequests, ServiceUnavailable)
  async login(
    @Body() { email, password, mode }: LogIn,
    @Ip() ip: string,
    @Device() device: string | null,
    @KnownDevice() known: KnownDeviceCookie,
    @Req() request: Request,
  ): Promise<SessionTokensView | BrowserSessionView> {
    if (mode === 'cookie') this.browsers.admit(request);
    const tokens = await this.logins.login({ email, password, ip, device, knownDevice: known.presented });
    known.keep(tokens.device);
    return mode === 'cookie' ? this.browsers.open(request, tokens) : viewTokens(tokens);
  }

  @Post('refresh')
  @Public()
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  @ApiOperation({
    summary: 'Get new tokens',
    description:
      'Two tabs that present one token get the same successor for a few seconds. Later, it ends the session: somebody has a copy.',
  })
  @ApiOkResponse({ schema: { oneOf: EITHER_VIEW } })
  @ApiProblems(InvalidRequest, Unauthenticated, CsrfRefused)
  async refresh(
    @Body() { refreshToken }: Refresh,
    @Req() request: Request,
  ): Promise<SessionTokensView | BrowserSessionView> {
    if (refreshToken !== undefined) return viewTokens(await this.refreshes.refresh(refreshToken));
    const kept = this.browsers.refreshTokenOf(request);
    if (kept === null) throw new InvalidRequest([{ pointer: '#/refreshToken', detail: 'send it, or its cookie' }]);
    this.browsers.admit(request);
    return this.browsers.open(request, await this.refreshes.refresh(kept));
  }

  @Post('logout')
  @SensitiveRoute()
  @WithoutMfa()
  @HttpCode(204)
  @ApiBearerAuth()
  @ApiOperation({ summary: 'Log out', description: 'Ends this session: none of its tokens is good for anything then.' })
  @ApiNoContentResponse()
  @ApiProblems(Unauthenticated)
  async logout(@CurrentUser() user: SessionHolder, @Req() request: Request): Promise<void> {
    await this.sessions.end(user.id, user.sessionId, 'logout');
    this.browsers.close(request);
  }

  @Post('verify-email')
  @Public()
  @StrictLimit('mail-token')
  @HttpCode(204)
  @ApiOperation({ summary: 'Verify an address', description: 'A second time changes nothing and is no error.' })
  @ApiNoContentResponse()
  @ApiProblems(InvalidRequest, InvalidMailToken)
  async verifyEmail(@Body() { token }: VerifyEmail): Promise<void> {
    await this.verification.verify(token);
  }

  @Get('verify-email')
  @Public()
  @ApiOperation({
    summary: 'Open the link of the welcome mail',
    description: 'A page with a button that verifies the address. Opening it changes nothing.',
  })
  @ApiQuery({ name: 'token', required: false, description: 'Read by the page, not by the server.', type: String })
  @ApiProduces('text/html')
  @ApiOkResponse({ description: 'The page.', schema: { type: 'string' } })
  verifyEmailPage(@Res() response: Response): void {
    sendPage(VERIFY_EMAIL_PAGE, response);
  }
}
