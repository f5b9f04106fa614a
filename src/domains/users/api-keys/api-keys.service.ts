import { Inject, Injectable } from '@nestjs/common';
import { isScope, may, type Permission } from '../../../contracts/permissions.js';
import type { Principal } from '../../../contracts/roles.js';
import { newApiKey } from '../../../platform/auth/api-keys/api-key.js';
import { CONFIG, type Config } from '../../../platform/config/config.js';
import { Transactions } from '../../../platform/database/transactions.js';
import { Events } from '../../../platform/events/events.js';
import { InvalidRequest, raise } from '../../../shared/errors.js';
import { newId } from '../../../shared/ids.js';
import { apiKeyStream } from '../streams.js';
import { ApiKeyNotFound, TooManyApiKeys } from '../user.errors.js';
import { ApiKeysRepository, type LivingKey } from './api-keys.repository.js';
import type { MakeApiKey } from './api-keys.dto.js';

const KEYS_MAX = 20;
const DAY_MS = 86_400_000;

@Injectable()
export class ApiKeysService {
  constructor(
    private readonly keys: ApiKeysRepository,
    private readonly transactions: Transactions,
    private readonly events: Events,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * Makes a key that may do nothing its owner may not. The answer's `key` is nowhere else: it cannot be shown again.
   * @throws InvalidRequest, TooManyApiKeys
   */
  async make(owner: Principal, { name, scopes, expiresAt }: MakeApiKey): Promise<LivingKey & { key: string }> {
    refuseScopesBeyond(owner, scopes);
    const expiry = this.expiryOf(expiresAt);
    const { key, prefix, hash } = newApiKey();
    const [id, userId] = [newId(), owner.id];
    const made = await this.transactions.run(async (tx) => {
      if ((await this.keys.lockCount(tx, userId)) >= KEYS_MAX) throw new TooManyApiKeys(KEYS_MAX);
      const inserted = await this.keys.insert(tx, { id, userId, name, prefix, hash, scopes, expiresAt: expiry });
      const payload = { userId, apiKeyId: id };
      await this.events.append(tx, { name: 'api-key.made', stream: apiKeyStream(id), version: 1, payload });
      return inserted ?? raise(new Error('an inserted key did not come back'));
    });
    return { ...made, key };
  }

  /** Nobody uses it from the next request on. @throws ApiKeyNotFound */
  async revoke(userId: string, id: string): Promise<void> {
    await this.transactions.run(async (tx) => {
      const revoked = await this.keys.revoke(tx, { id, userId });
      if (!revoked) throw new ApiKeyNotFound(id);
      const { version } = revoked;
      const payload = { userId, apiKeyId: id };
      await this.events.append(tx, { name: 'api-key.revoked', stream: apiKeyStream(id), version, payload });
    });
  }

  private expiryOf(expiresAt: string): Date {
    const { API_KEY_TTL_MAX_DAYS } = this.config;
    const expiry = new Date(expiresAt);
    const leftMs = expiry.getTime() - Date.now();
    if (leftMs > 0 && leftMs <= API_KEY_TTL_MAX_DAYS * DAY_MS) return expiry;
    const detail = `expiresAt must be a time within the next ${API_KEY_TTL_MAX_DAYS} days`;
    throw new InvalidRequest([{ pointer: '#/expiresAt', detail }]);
  }
}

function refuseScopesBeyond(owner: Principal, scopes: readonly Permission[]): void {
  const beyond = scopes.filter((scope) => !isScope(scope) || !may(owner, scope));
  if (beyond.length === 0) return;
  throw new InvalidRequest([
    { pointer: '#/scopes', detail: `scopes must be among your own: not ${beyond.join(', ')}` },
  ]);
}
