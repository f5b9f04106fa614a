import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';

/** What a client may say about itself; longer is cut, not refused. */
const LENGTH_MAX = 255;

/**
 * The client's own name for itself. Not Nest's `@Headers`, which the OpenAPI document would show as a parameter to fill
 * in: no page may set this header, so nobody could send such a request from Swagger UI.
 */
export const Device = createParamDecorator((_data: unknown, context: ExecutionContext): string | null => {
  const name = context.switchToHttp().getRequest<Request>().header('user-agent');
  return name?.slice(0, LENGTH_MAX) ?? null;
});
