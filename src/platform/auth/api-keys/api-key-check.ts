import { Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { ApiKeyDirectory } from '../../../contracts/api-key-directory.js';
import type { KeyHolder } from '../../../contracts/roles.js';
import { Unauthenticated } from '../auth.errors.js';
import { hashOfApiKey } from './api-key.js';

/** The API key of a request, if it brings one. */
export function apiKeyOf(request: Request): string | undefined {
  return request.header('x-api-key');
}

/** Who asks with an API key. PostgreSQL says so for each request: a revoked key is dead at once. */
@Injectable()
export class ApiKeyCheck {
  constructor(private readonly directory: ApiKeyDirectory) {}

  /** @throws Unauthenticated, the same whatever is wrong */
  async holderOf(presented: string, { headers }: Request): Promise<KeyHolder> {
    const hash = hashOfApiKey(presented);
    // With two credentials it is not clear who asks.
    const standing = hash !== null && headers.authorization === undefined && (await this.directory.keyStandingOf(hash));
    if (!standing) throw new Unauthenticated();
    const { id: keyId, userId: id, email, roles, scopes } = standing;
    return { id, email, roles, scopes, keyId };
  }
}
