import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import type { SessionHolder } from '../../../contracts/roles.js';
import { isByCookie } from './cookies.js';
import { Csrf } from './csrf.js';

/** Methods that change nothing here. */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Runs after JwtAuthGuard. Whoever was let in by a cookie proves, before anything changes, that a page of ours asked. */
@Injectable()
export class CsrfGuard implements CanActivate {
  constructor(private readonly csrf: Csrf) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<Request & { user?: SessionHolder }>();
    // A public route looks at no cookie; one that sets or takes cookies asks for the origin itself.
    if (!request.user || SAFE.has(request.method) || !isByCookie(request)) return true;
    this.csrf.check(request, request.user.sessionId);
    return true;
  }
}
