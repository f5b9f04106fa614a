import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { IssuedDevice } from './known-devices.js';

/** The prefix makes browsers refuse it without Secure, for another path, or for a whole domain. */
const COOKIE = '__Host-purser-device';

/** By what a client shows to be a device that has logged in before. A program may keep it too, and send it back. */
export interface KnownDeviceCookie {
  readonly presented: string | null;
  keep(device: IssuedDevice): void;
}

export const KnownDevice = createParamDecorator((_data: unknown, context: ExecutionContext): KnownDeviceCookie => {
  const http = context.switchToHttp();
  const { cookie = '' } = http.getRequest<Request>().headers;
  const pairs = cookie.split(';').map((pair) => pair.trim());
  const presented = pairs.find((pair) => pair.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1) ?? null;
  return { presented, keep: (device) => keep(http.getResponse<Response>(), device) };
});

function keep(response: Response, { value, ttlSeconds }: IssuedDevice): void {
  const maxAge = ttlSeconds * 1_000;
  response.cookie(COOKIE, value, { path: '/', httpOnly: true, secure: true, sameSite: 'strict', maxAge });
}
