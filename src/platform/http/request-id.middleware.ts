import type { NextFunction, Request, Response } from 'express';
import { newId } from '../../shared/ids.js';
import { runInContext } from '../telemetry/request-context.js';

const SANE = /^[A-Za-z0-9._-]{1,128}$/;

/** What a client may say about itself; longer is cut, not refused. */
const DEVICE_LENGTH_MAX = 255;

/** Every request has an id, the caller's if it is a sane one; it comes back and stands on every line the request writes. */
export function giveRequestId(request: Request, response: Response, next: NextFunction): void {
  const given = request.header('x-request-id');
  const requestId = given !== undefined && SANE.test(given) ? given : newId();
  response.setHeader('X-Request-Id', requestId);
  const client = { ip: request.ip ?? null, device: request.header('user-agent')?.slice(0, DEVICE_LENGTH_MAX) ?? null };
  runInContext({ requestId, client }, next);
}
