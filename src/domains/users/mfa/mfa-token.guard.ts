import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { Unauthenticated } from '../../../platform/auth/auth.errors.js';
import { bearerTokenOf } from '../../../platform/auth/verified-tokens.js';
import { identify } from '../../../platform/telemetry/request-context.js';
import { MfaTokens, type HalfLoggedIn } from './mfa-tokens.js';

export interface HalfLoggedInRequest extends Request {
  halfLoggedIn: HalfLoggedIn;
}

/** Lets in whoever was half logged in by the right password, and nobody with an access token. */
@Injectable()
export class MfaTokenGuard implements CanActivate {
  constructor(private readonly tokens: MfaTokens) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<HalfLoggedInRequest>();
    const halfLoggedIn = this.tokens.read(bearerTokenOf(request) ?? '');
    if (!halfLoggedIn) throw new Unauthenticated();
    request.halfLoggedIn = halfLoggedIn;
    identify(halfLoggedIn.userId);
    return true;
  }
}
