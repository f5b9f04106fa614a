import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { Public } from '../../auth/route-access.js';
import { CONFIG, type Config } from '../../config/config.js';
import { Unlimited } from '../unlimited.decorator.js';
import { type InlinePage, sendPage } from './inline-page.js';
import { rootPage } from './root.page.js';

/** A page for whoever opens the bare address in a browser: where things are, and how they are. */
@ApiExcludeController()
@Public()
@Unlimited()
@Controller()
export class RootController {
  private readonly page: InlinePage;

  constructor(@Inject(CONFIG) config: Config) {
    this.page = rootPage(config);
  }

  @Get()
  show(@Res() response: Response): void {
    sendPage(this.page, response);
  }
}
