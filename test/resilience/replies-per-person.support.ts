import { CacheInterceptor, CacheModule } from '@nestjs/cache-manager';
import { type DynamicModule, Module } from '@nestjs/common';
import { APP_INTERCEPTOR, NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { AddressInfo } from 'node:net';
import { WebModule } from '../../src/app/web.module.js';
import type { Role } from '../../src/contracts/roles.js';
import { AccessTokens } from '../../src/platform/auth/access-tokens.js';
import type { Config } from '../../src/platform/config/config.js';
import { testConfig } from '../support/config.js';
import { configureWeb } from '../../src/platform/http/configure-web.js';
import { openApiDocument } from '../../src/platform/http/swagger.js';
import { newId } from '../../src/shared/ids.js';
import { Client, expectStatus, newKey } from '../support/client.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { Proxy } from '../support/proxy.js';
import { environmentOf } from '../support/shop-environment.js';
import { emptyRedis, testRedisUrl } from '../integration/problem.support.js';

const NOBODYS_ID = '0190a1b2-0000-7000-8000-00000000dead';

/** What is somebody's own, by the segment of a path that stands before its id. */
export type Belongings = Readonly<Record<string, string>>;

export interface Person {
  readonly client: Client;
  readonly belongings: Belongings;
}

@Module({})
class WholeWeb {
  static for(config: Config): DynamicModule {
    return { module: WholeWeb, imports: [WebModule.for(config)] };
  }
}

/** The mutant: Nest's own interceptor, which keeps one reply per URL, whoever asks. */
@Module({})
class KeyedByUrlAlone {
  static for(config: Config): DynamicModule {
    const cached = { provide: APP_INTERCEPTOR, useClass: CacheInterceptor };
    return { module: KeyedByUrlAlone, imports: [WebModule.for(config), CacheModule.register()], providers: [cached] };
  }
}

/** The whole web server with all its doors, Redis behind a proxy, and people who own something. */
export class Doors {
  private constructor(
    private readonly app: NestExpressApplication,
    readonly db: TestDatabase,
    readonly redis: Proxy,
  ) {}

  static async open({ isKeyedByUrlAlone = false } = {}): Promise<Doors> {
    const db = await createTestDatabase();
    await emptyRedis();
    const redis = await Proxy.before(testRedisUrl());
    const redisUrl = redis.through(testRedisUrl());
    const urls = { databaseUrl: db.databaseUrl, redisUrl, sandboxPort: 1, webPort: 1 };
    const config = testConfig({ ...environmentOf(urls), LOG_LEVEL: 'CRITICAL', SHUTDOWN_DEADLINE_MS: '2147483647' });
    const module = isKeyedByUrlAlone ? KeyedByUrlAlone.for(config) : WholeWeb.for(config);
    const app = await NestFactory.create<NestExpressApplication>(module, { bodyParser: false, logger: false });
    await configureWeb(app, config);
    await app.listen(0, '127.0.0.1');
    return new Doors(app, db, redis);
  }

  get visitor(): Client {
    return this.asking();
  }

  /** Somebody with a session. */
  async person(roles: Role[] = ['user']): Promise<Client> {
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
    return this.asking(
      this.app.get(AccessTokens, { strict: false }).issue({ userId, email, roles, sessionId }).accessToken,
    );
  }

  /** A customer with an order that waits for its bank transfer, and a letter about it. */
  async customer(productId: string): Promise<Person> {
    const client = await this.person();
    const { id: orders } = await client.place([{ productId, quantity: 1 }]);
    const paying = { key: newKey(), body: { paymentMethod: 'bank_transfer' } };
    const { id: payments } = expectStatus(await client.post(`/v1/orders/${orders}/payments`, paying), 201).body;
    await this.db.query(
      `INSERT INTO notifications (id, user_id, kind, fact_id, channel, order_id)
       SELECT $2, user_id, 'order-placed', id, 'email', id FROM orders WHERE id = $1`,
      [orders, newId()],
    );
    return { client, belongings: { orders, payments, products: productId } };
  }

  async product(): Promise<string> {
    const admin = await this.person(['admin']);
    const body = { sku: 'MUG-1', name: 'Mug', description: '', unitAmount: 1_490, currency: 'USD', isActive: true };
    const { id } = expectStatus(await admin.post('/v1/products', { body }), 201).body;
    const adjustment = { delta: 100, reason: 'a delivery' };
    expectStatus(await admin.post(`/v1/products/${id}/stock-adjustments`, { body: adjustment }), 201);
    return id;
  }

  /** Every GET route of the OpenAPI document below /v1, of these things; an id nobody knows for all others. */
  pathsFor(belongings: Belongings): string[] {
    const { paths } = openApiDocument(this.app);
    return Object.entries(paths)
      .filter(([path, item]) => path.startsWith('/v1/') && item.get)
      .map(([path]) =>
        path.replaceAll(/([\w-]+)\/\{\w+\}/g, (_all, of: string) => `${of}/${belongings[of] ?? NOBODYS_ID}`),
      );
  }

  async close(): Promise<void> {
    await this.app.close();
    await this.redis.close();
    await this.db.drop();
  }

  private asking(token?: string): Client {
    return new Client([`http://127.0.0.1:${(this.app.getHttpServer().address() as AddressInfo).port}`], token);
  }
}
