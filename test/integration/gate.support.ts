import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Redis } from 'ioredis';
import type { AddressInfo } from 'node:net';
import { createWeb } from '../../src/app/web.bootstrap.js';
import type { Role } from '../../src/contracts/roles.js';
import { AccessTokens } from '../../src/platform/auth/access-tokens.js';
import { REDIS } from '../../src/platform/cache/redis.module.js';
import { readConfig } from '../../src/platform/config/config.js';
import { newId } from '../../src/shared/ids.js';
import { Client } from '../support/client.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { environmentOf } from '../support/shop-environment.js';
import { waitUntil } from '../support/wait.js';
import { PATIENT } from './cache.support.js';
import { emptyRedis, testRedisUrl } from './problem.support.js';

/** Somebody with a session. */
export interface Person {
  readonly userId: string;
  readonly token: string;
  readonly client: Client;
}

/** Whole web servers, as they are deployed, on one database and one Redis. */
export class Gate {
  private constructor(
    readonly servers: readonly NestExpressApplication[],
    readonly db: TestDatabase,
  ) {}

  static async open({ servers: count = 1, env = {} }: { servers?: number; env?: Record<string, string> } = {}) {
    const db = await createTestDatabase();
    await emptyRedis();
    const urls = { databaseUrl: db.databaseUrl, redisUrl: testRedisUrl(), sandboxPort: 1, webPort: 1 };
    // The deadline ends the process, and a jest worker goes on with other files.
    const quiet = { LOG_LEVEL: 'CRITICAL', SHUTDOWN_DEADLINE_MS: '2147483647' };
    const config = readConfig({ ...environmentOf(urls), ...quiet, ...PATIENT, ...env });
    const servers: NestExpressApplication[] = [];
    for (let each = 0; each < count; each += 1) {
      const server = await createWeb(config);
      await server.listen(0, '127.0.0.1');
      servers.push(server);
    }
    const gate = new Gate(servers, db);
    if (!env.REDIS_URL) await gate.untilRedisAnswers();
    return gate;
  }

  get urls(): string[] {
    return this.servers.map((server) => `http://127.0.0.1:${(server.getHttpServer().address() as AddressInfo).port}`);
  }

  get visitor(): Client {
    return new Client(this.urls);
  }

  /** The connection of the first server. */
  get redis(): Redis {
    return this.first.get<Redis>(REDIS, { strict: false });
  }

  async person(roles: Role[] = ['user']): Promise<Person> {
    const [userId, sessionId] = [newId(), newId()];
    const email = `${userId}@purser.test`;
    await this.db.query(
      `INSERT INTO users (id, email, password_hash, roles, email_verified_at) VALUES ($1, $2, 'x', $3, now())`,
      [userId, email, roles],
    );
    await this.db.query(
      `INSERT INTO sessions (id, user_id, seed, expires_at) VALUES ($1, $2, 'x', now() + interval '1 hour')`,
      [sessionId, userId],
    );
    const tokens = this.first.get(AccessTokens, { strict: false });
    const { accessToken: token } = tokens.issue({ userId, email, roles, sessionId });
    return { userId, token, client: new Client(this.urls, token) };
  }

  async close(): Promise<void> {
    for (const server of this.servers) await server.close();
    await this.db.drop();
  }

  private get first(): NestExpressApplication {
    return this.servers[0]!;
  }

  private async untilRedisAnswers(): Promise<void> {
    const ping = async () => {
      for (const server of this.servers) await server.get<Redis>(REDIS, { strict: false }).ping();
      return true;
    };
    await waitUntil(ping, { what: 'the connections to Redis' });
  }
}
