import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { Response } from 'express';
import { tell } from '../http/limits/allowance.js';
import { strictLimitOf } from '../http/limits/strict-limits.js';
import type { AuthenticatedRequest } from './current-user.decorator.js';
import { UserLimit } from './user-limit.js';

/** Runs when it is known who asks; nobody is counted as somebody else because of a token that proves nothing. */
@Injectable()
export class UserLimitGuard implements CanActivate {
  constructor(private readonly limit: UserLimit) {}

  /** @throws TooManyRequests */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp();
    const request = http.getRequest<Partial<AuthenticatedRequest>>();
    if (!request.user) return true;
    const spent = await this.limit.count(request, request.user.id, strictLimitOf(context));
    tell(http.getResponse<Response>(), spent);
    return true;
  }
}
