import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Redis } from 'ioredis';
import type { AddressInfo } from 'node:net';
import { createWeb } from '../../src/app/web.bootstrap.js';
import type { Role } from '../../src/contracts/roles.js';
import { hashPassword } from '../../src/domains/users/password-hasher.js';
import { AccessTokens, type TokenOwner } from '../../src/platform/auth/access-tokens.js';
import { REDIS } from '../../src/platform/cache/redis.module.js';
import { testConfig } from '../support/config.js';
import { newId } from '../../src/shared/ids.js';
import { Client } from '../support/client.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { environmentOf } from '../support/shop-environment.js';
import { waitUntil } from '../support/wait.js';
import { PATIENT } from './cache.support.js';
import { emptyRedis, testRedisUrl } from './problem.support.js';

/** Somebody with a session. */
export interface Person {
  readonly owner: TokenOwner;
  readonly token: string;
  readonly client: Client;
}

interface Opening {
  readonly servers?: number;
  readonly env?: Record<string, string>;
}

/** Whole web servers, as they are deployed, on one database and one Redis. */
export class Gate {
  private readonly passwordHash = hashPassword('correct horse battery');

  private constructor(
    readonly servers: NestExpressApplication[],
    readonly db: TestDatabase,
  ) {}

  static async open({ servers = 1, env = {} }: Opening = {}): Promise<Gate> {
    const db = await createTestDatabase();
    await emptyRedis();
    const gate = new Gate([], db);
    for (let each = 0; each < servers; each += 1) gate.servers.push(await serverOf(db, env));
    if (!env.REDIS_URL) await gate.untilRedisAnswers();
    return gate;
  }

  /** Ends the servers, and starts one with these settings in their place. */
  async restart(env: Record<string, string>): Promise<void> {
    for (const server of this.servers.splice(0)) await server.close();
    this.servers.push(await serverOf(this.db, env));
    await this.untilRedisAnswers();
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
      `INSERT INTO users (id, email, password_hash, roles, email_verified_at) VALUES ($1, $2, $4, $3, now())`,
      [userId, email, roles, await this.passwordHash],
    );
    await this.db.query(
      `INSERT INTO sessions (id, user_id, seed, expires_at) VALUES ($1, $2, 'x', now() + interval '1 hour')`,
      [sessionId, userId],
    );
    const owner = { userId, email, roles, sessionId };
    const { accessToken: token } = this.first.get(AccessTokens, { strict: false }).issue(owner);
    return { owner, token, client: new Client(this.urls, token) };
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

async function serverOf(db: TestDatabase, env: Record<string, string>): Promise<NestExpressApplication> {
  const urls = { databaseUrl: db.databaseUrl, redisUrl: testRedisUrl(), sandboxPort: 1, webPort: 1 };
  // The deadline ends the process, and a jest worker goes on with other files.
  const quiet = { LOG_LEVEL: 'CRITICAL', SHUTDOWN_DEADLINE_MS: '2147483647' };
  const server = await createWeb(testConfig({ ...environmentOf(urls), ...quiet, ...PATIENT, ...env }));
  await server.listen(0, '127.0.0.1');
  return server;
}
