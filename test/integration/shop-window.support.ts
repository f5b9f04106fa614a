import { Global, type INestApplicationContext, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Redis } from 'ioredis';
import type { AddressInfo } from 'node:net';
import { PlatformModule } from '../../src/app/platform.module.js';
import type { Role } from '../../src/contracts/roles.js';
import { ApiKeyDirectory } from '../../src/contracts/api-key-directory.js';
import { SessionDirectory, type SessionStanding } from '../../src/contracts/session-directory.js';
import { CatalogHttpModule } from '../../src/domains/catalog/catalog.http.module.js';
import { CatalogWorkerModule } from '../../src/domains/catalog/catalog.worker.module.js';
import { CatalogueCacheProcessor } from '../../src/domains/catalog/catalogue-cache.processor.js';
import { AccessTokens } from '../../src/platform/auth/access-tokens.js';
import { AuthModule } from '../../src/platform/auth/auth.module.js';
import { Cache } from '../../src/platform/cache/cache.js';
import { CONFIG, type Config } from '../../src/platform/config/config.js';
import { testConfig } from '../support/config.js';
import { Transactions } from '../../src/platform/database/transactions.js';
import { Consumer } from '../../src/platform/events/consumer.js';
import { DeliveriesRepository } from '../../src/platform/events/deliveries.repository.js';
import { configureWeb } from '../../src/platform/http/configure-web.js';
import { HttpModule } from '../../src/platform/http/http.module.js';
import { QueueModule } from '../../src/platform/queue/queue.module.js';
import { Alarms } from '../../src/platform/telemetry/alarms.js';
import { Log } from '../../src/platform/telemetry/log.js';
import { Client, expectStatus } from '../support/client.js';
import { NoApiKeys } from '../support/no-api-keys.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { Proxy } from '../support/proxy.js';
import { RAISED_LIMITS } from '../support/raised-limits.js';
import { waitUntil } from '../support/wait.js';
import { ownRedisUrl, PATIENT } from './cache.support.js';
import { aUser } from './orders.fixture.js';

const ROLES: Role[] = ['admin'];

class AdminSessions extends SessionDirectory {
  standingOf(userId: string): Promise<SessionStanding> {
    const now = Date.now();
    return Promise.resolve({ userId, roles: ROLES, mustEnrol: false, readAt: now, expiresAt: now + 60_000 });
  }
}

@Global()
@Module({
  providers: [
    { provide: SessionDirectory, useClass: AdminSessions },
    { provide: ApiKeyDirectory, useClass: NoApiKeys },
  ],
  exports: [SessionDirectory, ApiKeyDirectory],
})
class Ports {}

@Module({})
class Shop {}

type Settings = Readonly<Record<string, string>>;

interface Opening {
  readonly controllers?: Type[];
  readonly settings?: Settings;
}

/** The catalogue over HTTP, with PostgreSQL and Redis behind proxies, and a worker when one is started. */
export class ShopWindow {
  private readonly workers: INestApplicationContext[] = [];

  private constructor(
    private readonly app: NestExpressApplication,
    readonly db: TestDatabase,
    readonly redis: Redis,
    readonly proxies: { readonly database: Proxy; readonly redis: Proxy },
    private readonly token: string,
  ) {}

  static async open({ controllers = [], settings = PATIENT }: Opening = {}): Promise<ShopWindow> {
    const db = await createTestDatabase();
    const redis = new Redis(ownRedisUrl());
    await redis.flushdb();
    const proxies = { database: await Proxy.before(db.databaseUrl), redis: await Proxy.before(ownRedisUrl()) };
    const urls = {
      databaseUrl: proxies.database.through(db.databaseUrl),
      redisUrl: proxies.redis.through(ownRedisUrl()),
    };
    const config = configOf(urls, settings);
    const imports = [PlatformModule.for(config), HttpModule, Ports, AuthModule, CatalogHttpModule];
    const module = { module: Shop, imports, controllers };
    const app = await NestFactory.create<NestExpressApplication>(module, { bodyParser: false, logger: false });
    await configureWeb(app, config);
    await app.listen(0, '127.0.0.1');
    const admin = await aUser(db);
    const facts = { userId: admin.id, email: admin.email, roles: ROLES, sessionId: admin.id };
    return new ShopWindow(app, db, redis, proxies, app.get(AccessTokens).issue(facts).accessToken);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.app.getHttpServer().address() as AddressInfo).port}`;
  }

  get authorization(): string {
    return `Bearer ${this.token}`;
  }

  get visitor(): Client {
    return new Client([this.url]);
  }

  get admin(): Client {
    return new Client([this.url], this.token);
  }

  /** The catalogue's ears, on this process's own cache; its events have to be brought to them. */
  ears(): CatalogueCacheProcessor {
    const part = <T>(type: Type<T>) => this.app.get(type, { strict: false });
    const [deliveries, transactions, alarms] = [part(DeliveriesRepository), part(Transactions), part(Alarms)];
    const consumer = new Consumer(deliveries, transactions, alarms, part(Log), this.app.get<Config>(CONFIG));
    return new CatalogueCacheProcessor(consumer, part(Cache), part(Log));
  }

  /** Of the worker, only the catalogue's ears and what carries its events. */
  async startWorker(): Promise<void> {
    const config = configOf({ databaseUrl: this.db.databaseUrl, redisUrl: ownRedisUrl() }, PATIENT);
    const imports = [PlatformModule.for(config), QueueModule, CatalogWorkerModule];
    this.workers.push(await NestFactory.createApplicationContext({ module: Shop, imports }, { logger: false }));
  }

  async product(facts: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const sku = `SKU-${Math.random().toString(36).slice(2, 12)}`;
    const body = { sku, name: 'Mug', description: 'x'.repeat(200), unitAmount: 1_490, currency: 'USD', ...facts };
    return expectStatus(await this.admin.post('/v1/products', { body }), 201).body.id;
  }

  async priceOf(id: string): Promise<number> {
    const { text } = expectStatus(await this.visitor.get(`/v1/products/${id}`), 200);
    return (JSON.parse(text) as { unitAmount: number }).unitAmount;
  }

  async reprice(id: string, unitAmount: number): Promise<void> {
    expectStatus(await this.admin.request('PATCH', `/v1/products/${id}`, { body: { unitAmount } }), 200);
  }

  /** Until every event was heard. */
  async quiet(): Promise<void> {
    const nothing = `SELECT 1 FROM event_deliveries`;
    await waitUntil(async () => (await this.db.query(nothing)).length === 0, { what: 'the worker to have heard all' });
  }

  async close(): Promise<void> {
    for (const worker of this.workers) await worker.close();
    await this.app.close();
    this.redis.disconnect();
    await this.proxies.database.close();
    await this.proxies.redis.close();
    await this.db.drop();
  }
}

function configOf({ databaseUrl, redisUrl }: { databaseUrl: string; redisUrl: string }, settings: Settings): Config {
  return testConfig({
    APP_ENV: 'test',
    LOG_LEVEL: 'CRITICAL',
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl,
    ...RAISED_LIMITS,
    SHUTDOWN_DRAIN_MS: '0',
    // The deadline ends the process, and a jest worker goes on with other files.
    SHUTDOWN_DEADLINE_MS: '2147483647',
    ...settings,
  });
}
