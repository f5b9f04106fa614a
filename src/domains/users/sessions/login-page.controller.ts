import { Controller, Get, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { Public } from '../../../platform/auth/route-access.js';
import { sendPage } from '../../../platform/http/pages/inline-page.js';
import { LOGIN_PAGE } from './login.page.js';

/** Where people log in with a browser. */
@ApiExcludeController()
@Public()
@Controller('login')
export class LoginPageController {
  @Get()
  show(@Res() response: Response): void {
    sendPage(LOGIN_PAGE, response);
  }
}
