import { Body, Controller, Get, Header, HttpCode, Post, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBearerAuth,
  ApiOkResponse,
  ApiOperation,
  ApiProduces,
  ApiQuery,
  ApiTags,
} from '@nestjs/swagger';
import type { Response } from 'express';
import type { SessionHolder } from '../../../contracts/roles.js';
import { Unauthenticated } from '../../../platform/auth/auth.errors.js';
import { CurrentUser } from '../../../platform/auth/current-user.decorator.js';
import { Public, SensitiveRoute } from '../../../platform/auth/route-access.js';
import { ApiProblems } from '../../../platform/http/api-problems.decorator.js';
import { TooManyRequests } from '../../../platform/http/http.errors.js';
import { StrictLimit } from '../../../platform/http/limits/strict-limits.js';
import { sendPage } from '../../../platform/http/pages/inline-page.js';
import { InvalidRequest } from '../../../shared/errors.js';
import { ACCEPTED, AcceptedView } from '../credentials.dto.js';
import { InvalidMailToken } from '../user.errors.js';
import { ExportView, GetExport } from './export.dto.js';
import { EXPORT_PAGE } from './export.page.js';
import { ExportService } from './export.service.js';

@ApiTags('users')
@Controller()
export class ExportController {
  constructor(private readonly exports: ExportService) {}

  @Post('users/me/export')
  @SensitiveRoute()
  @StrictLimit('ask-for-mail')
  @HttpCode(202)
  @ApiBearerAuth()
  @ApiOperation({ summary: 'Ask for all data about me', description: 'A mail carries a link to it, good for a day.' })
  @ApiAcceptedResponse({ type: AcceptedView })
  @ApiProblems(Unauthenticated, TooManyRequests)
  async ask(@CurrentUser() user: SessionHolder): Promise<AcceptedView> {
    await this.exports.ask(user.id);
    return ACCEPTED;
  }

  @Post('data-exports')
  @Public()
  @StrictLimit('mail-token')
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'Get all data about me', description: 'As it is now. A new password makes the link void.' })
  @ApiOkResponse({ type: ExportView })
  @ApiProblems(InvalidRequest, InvalidMailToken)
  async export(@Body() { token }: GetExport): Promise<ExportView> {
    return { madeAt: new Date().toISOString(), records: await this.exports.export(token) };
  }

  @Get('data-exports')
  @Public()
  @ApiOperation({ summary: 'Open the link of the mail', description: 'A page with a button that gets the data.' })
  @ApiQuery({ name: 'token', required: false, description: 'Read by the page, not by the server.', type: String })
  @ApiProduces('text/html')
  @ApiOkResponse({ description: 'The page.', schema: { type: 'string' } })
  page(@Res() response: Response): void {
    sendPage(EXPORT_PAGE, response);
  }
}
