import { Body, Controller, Get, HttpCode, Post, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiProduces,
  ApiQuery,
  ApiTags,
} from '@nestjs/swagger';
import type { Response } from 'express';
import { Public } from '../../../platform/auth/route-access.js';
import { ApiProblems } from '../../../platform/http/api-problems.decorator.js';
import { StrictLimit } from '../../../platform/http/limits/strict-limits.js';
import { sendPage } from '../../../platform/http/pages/inline-page.js';
import { InvalidRequest, ServiceUnavailable } from '../../../shared/errors.js';
import { ACCEPTED, AcceptedView } from '../credentials.dto.js';
import { InvalidMailToken } from '../user.errors.js';
import { PasswordResetService } from './password-reset.service.js';
import { ForgotPassword, ResetPassword } from './passwords.dto.js';
import { RESET_PASSWORD_PAGE } from './reset-password.page.js';

@ApiTags('auth')
@Public()
@Controller('auth')
export class PasswordResetController {
  constructor(private readonly resets: PasswordResetService) {}

  @Post('forgot-password')
  @StrictLimit('ask-for-mail')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Ask for a new password',
    description: 'A mail carries a link, if the address has an account. An account gets one every ten minutes at most.',
  })
  @ApiAcceptedResponse({ type: AcceptedView, description: 'The same for an unknown address.' })
  @ApiProblems(InvalidRequest)
  async forgot(@Body() { email }: ForgotPassword): Promise<AcceptedView> {
    await this.resets.ask(email);
    return ACCEPTED;
  }

  @Post('reset-password')
  @StrictLimit('mail-token')
  @HttpCode(204)
  @ApiOperation({
    summary: 'Set a new password by mail',
    description: 'The link works once. Every session of the account ends, and its owner is told by mail.',
  })
  @ApiNoContentResponse()
  @ApiProblems(InvalidRequest, InvalidMailToken, ServiceUnavailable)
  async reset(@Body() { token, password }: ResetPassword): Promise<void> {
    await this.resets.reset(token, password);
  }

  @Get('reset-password')
  @ApiOperation({
    summary: 'Open the link of the mail',
    description: 'A page that asks for the new password. Opening it changes nothing.',
  })
  @ApiQuery({ name: 'token', required: false, description: 'Read by the page, not by the server.', type: String })
  @ApiProduces('text/html')
  @ApiOkResponse({ description: 'The page.', schema: { type: 'string' } })
  page(@Res() response: Response): void {
    sendPage(RESET_PASSWORD_PAGE, response);
  }
}
