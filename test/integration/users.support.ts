import { Controller, Get, Global, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Redis } from 'ioredis';
import request from 'supertest';
import { DataSource } from 'typeorm';
import { PlatformModule } from '../../src/app/platform.module.js';
import { ApiKeyDirectory } from '../../src/contracts/api-key-directory.js';
import { UserDirectory, type AccountLink } from '../../src/contracts/letters.js';
import { PendingOrders } from '../../src/contracts/pending-orders.js';
import { PERSONAL_RECORDS } from '../../src/contracts/personal-records.js';
import type { Principal } from '../../src/contracts/roles.js';
import { SessionDirectory } from '../../src/contracts/session-directory.js';
import { ApiKeysRepository } from '../../src/domains/users/api-keys/api-keys.repository.js';
import { AccountRecordsRepository } from '../../src/domains/users/export/account-records.repository.js';
import { SessionsRepository } from '../../src/domains/users/sessions/sessions.repository.js';
import { UserContactsRepository } from '../../src/domains/users/user-contacts.repository.js';
import { UsersHttpModule } from '../../src/domains/users/users.http.module.js';
import { UsersModule } from '../../src/domains/users/users.module.js';
import { AuthModule } from '../../src/platform/auth/auth.module.js';
import { CurrentUser } from '../../src/platform/auth/current-user.decorator.js';
import { Public, Requires, SensitiveRoute } from '../../src/platform/auth/route-access.js';
import type { Config } from '../../src/platform/config/config.js';
import { testConfig } from '../support/config.js';
import { configureWeb } from '../../src/platform/http/configure-web.js';
import { HttpModule } from '../../src/platform/http/http.module.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { harness } from '../support/harness.js';
import { RAISED_LIMITS } from '../support/raised-limits.js';

export const PASSWORD = 'correct horse battery';

/** One route of each kind, so that the guards can be tried without the domains behind them. */
@Controller('doors')
class Doors {
  @Get('plain')
  plain(@CurrentUser() user: Principal): Principal {
    return user;
  }

  @Get('sensitive')
  @SensitiveRoute()
  sensitive(@CurrentUser() user: Principal): Principal {
    return user;
  }

  @Get('admin')
  @Requires('users.change')
  admin(@CurrentUser() user: Principal): Principal {
    return user;
  }

  @Get('orders')
  @Requires('orders.read')
  orders(@CurrentUser() user: Principal): Principal {
    return user;
  }

  @Get('open')
  @Public()
  open(): object {
    return {};
  }
}

@Global()
@Module({
  imports: [UsersModule],
  providers: [
    { provide: SessionDirectory, useExisting: SessionsRepository },
    { provide: ApiKeyDirectory, useExisting: ApiKeysRepository },
    { provide: UserDirectory, useExisting: UserContactsRepository },
    { provide: PendingOrders, useValue: { countPending: () => Promise.resolve(0) } },
    { provide: PERSONAL_RECORDS, inject: [AccountRecordsRepository], useFactory: (own: object) => [own] },
  ],
  exports: [SessionDirectory, ApiKeyDirectory, UserDirectory, PendingOrders, PERSONAL_RECORDS],
})
class Ports {}

@Module({})
class AccountsModule {}

export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
}

/** The accounts and their doors over HTTP, on a database and a Redis number of their own. */
export class Accounts {
  private constructor(
    readonly app: NestExpressApplication,
    readonly config: Config,
    private readonly servers: { readonly db: TestDatabase; readonly redis: Redis },
  ) {}

  get db(): TestDatabase {
    return this.servers.db;
  }

  get redis(): Redis {
    return this.servers.redis;
  }

  static async start(given: Readonly<Record<string, string>> = {}): Promise<Accounts> {
    const db = await createTestDatabase();
    // Each jest worker runs one file at a time, so its number is a Redis database of its own.
    const redisUrl = `${harness().redisUrl}/${process.env.JEST_WORKER_ID ?? '1'}`;
    const config = testConfig({
      APP_ENV: 'test',
      LOG_LEVEL: 'CRITICAL',
      DATABASE_URL: db.databaseUrl,
      REDIS_URL: redisUrl,
      ...RAISED_LIMITS,
      LOGIN_LIMIT_PER_ACCOUNT_AND_IP: '1000',
      LOGIN_LIMIT_PER_ACCOUNT: '1000',
      // A busy machine is no outage: what is counted twice because Redis was slow would fail the counting tests.
      REDIS_COMMAND_TIMEOUT_MS: '5000',
      SHUTDOWN_DRAIN_MS: '0',
      // The deadline ends the process, and a jest worker goes on with other files.
      SHUTDOWN_DEADLINE_MS: '2147483647',
      ...given,
    });
    const imports = [PlatformModule.for(config), HttpModule, Ports, AuthModule, UsersHttpModule];
    const module = { module: AccountsModule, imports, controllers: [Doors] };
    const app = await NestFactory.create<NestExpressApplication>(module, { bodyParser: false, logger: false });
    await configureWeb(app, config);
    await app.listen(0, '127.0.0.1');
    const redis = new Redis(redisUrl);
    await redis.flushdb();
    return new Accounts(app, config, { db, redis });
  }

  async stop(): Promise<void> {
    await this.app.close();
    this.redis.disconnect();
    await this.db.drop();
  }

  /** One route, as a program would call it. */
  call(method: 'get' | 'post' | 'put' | 'patch' | 'delete', path: string, token?: string): request.Test {
    const test = request(this.app.getHttpServer())[method](`/v1${path}`);
    return token === undefined ? test : test.set('Authorization', `Bearer ${token}`);
  }

  register(email: string, password = PASSWORD): request.Test {
    return this.call('post', '/auth/register').send({ email, password });
  }

  logIn(email: string, password = PASSWORD): request.Test {
    return this.call('post', '/auth/login').send({ email, password });
  }

  refresh(refreshToken: string): request.Test {
    return this.call('post', '/auth/refresh').send({ refreshToken });
  }

  /** A registered and verified account that is logged in. */
  async join(email: string): Promise<Tokens & { userId: string; sessionId: string }> {
    await this.register(email).expect(202);
    const userId = await this.idOf(email);
    await this.verify(await this.linkedToken(userId)).expect(204);
    return { ...(await this.session(email)), userId };
  }

  async session(email: string): Promise<Tokens & { sessionId: string }> {
    const { body } = await this.logIn(email).expect(200);
    const { accessToken, refreshToken } = body as Tokens;
    return { accessToken, refreshToken, sessionId: refreshToken.slice(0, 36) };
  }

  verify(token: string): request.Test {
    return this.call('post', '/auth/verify-email').send({ token });
  }

  async idOf(email: string): Promise<string> {
    const [row] = await this.db.query<{ id: string }>(`SELECT id FROM users WHERE email = $1`, [email]);
    return row?.id ?? '';
  }

  /** The token of the link that a mail sent now would carry. */
  async linkedToken(userId: string): Promise<string> {
    const link = await this.app.get(UserDirectory, { strict: false }).verificationLinkOf(userId);
    return tokenIn(link);
  }

  /** The token of a link that a mail to the owner sent now would carry. */
  async accountToken(userId: string, link: AccountLink): Promise<string> {
    return tokenIn(await this.app.get(UserDirectory, { strict: false }).accountLinkOf(userId, link));
  }

  /** What a letter about a change of address would be sent to now, and its token. */
  async addressChange(userId: string): Promise<{ address: string; token: string } | null> {
    const change = await this.app.get(UserDirectory, { strict: false }).addressChangeOf(userId);
    return change && { address: change.address, token: tokenIn(change.link) };
  }

  async namesOf(userId: string): Promise<string[]> {
    return (await this.eventsOf(`user-${userId}`)).map(({ name }) => name);
  }

  async eventsOf(stream: string): Promise<{ name: string; version: number; payload: object }[]> {
    return this.db.query(`SELECT name, version, payload FROM events WHERE stream = $1 ORDER BY version`, [stream]);
  }

  /** How many statements run while `work` runs, BEGIN and COMMIT aside. */
  async statementsIn(work: () => Promise<unknown>): Promise<number> {
    const spy = jest.spyOn(this.app.get(DataSource), 'query');
    await work();
    const count = spy.mock.calls.length;
    spy.mockRestore();
    return count;
  }
}

function tokenIn(link: string | null): string {
  return new URL(link ?? 'x:').searchParams.get('token') ?? '';
}
