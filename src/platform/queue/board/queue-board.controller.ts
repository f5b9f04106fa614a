import { Controller, Get, Next, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { NextFunction, Request, Response } from 'express';
import { Requires } from '../../auth/route-access.js';
import { RouteNotFound } from '../../http/http.errors.js';
import { QueueBoard } from './queue-board.js';

/** The board brings its scripts as files and its styles inline; it loads nothing from elsewhere. */
const POLICY = [
  `default-src 'none'`,
  `script-src 'self'`,
  `style-src 'self' 'unsafe-inline'`,
  `img-src 'self' data:`,
  `connect-src 'self'`,
  `base-uri 'self'`,
  `form-action 'none'`,
  `frame-ancestors 'none'`,
].join('; ');

/** The queues in a browser, for an admin who is logged in by cookie. Only GET is routed: nothing can be changed here. */
@ApiExcludeController()
@Requires('deliveries.read')
@Controller('admin/queues')
export class QueueBoardController {
  constructor(private readonly board: QueueBoard) {}

  @Get()
  show(@Req() request: Request, @Res() response: Response, @Next() next: NextFunction): void {
    this.answer(request, response, next);
  }

  @Get('*path')
  showPart(@Req() request: Request, @Res() response: Response, @Next() next: NextFunction): void {
    this.answer(request, response, next);
  }

  private answer(request: Request, response: Response, next: NextFunction): void {
    response.setHeader('Content-Security-Policy', POLICY);
    this.board.answer(request, response, (error) => next(error ?? new RouteNotFound('There is nothing here.')));
  }
}
