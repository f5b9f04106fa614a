import type { NextFunction, Request, Response } from 'express';
import { newId } from '../../shared/ids.js';
import { runInContext } from '../telemetry/request-context.js';

const SANE = /^[A-Za-z0-9._-]{1,128}$/;

/** Every request has an id, the caller's if it is a sane one; it comes back and stands on every line the request writes. */
export function giveRequestId(request: Request, response: Response, next: NextFunction): void {
  const given = request.header('x-request-id');
  const requestId = given !== undefined && SANE.test(given) ? given : newId();
  response.setHeader('X-Request-Id', requestId);
  runInContext({ requestId }, next);
}
