import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { OpenAPIObject } from '@nestjs/swagger';
import type { AddressInfo } from 'node:net';
import { WebModule } from '../../src/app/web.module.js';
import { permissionsOf, SCOPES, type Permission } from '../../src/contracts/permissions.js';
import type { Role } from '../../src/contracts/roles.js';
import { hashPassword } from '../../src/domains/users/password-hasher.js';
import { AccessTokens } from '../../src/platform/auth/access-tokens.js';
import { newApiKey } from '../../src/platform/auth/api-keys/api-key.js';
import { testConfig } from '../support/config.js';
import { configureWeb } from '../../src/platform/http/configure-web.js';
import { routesOf } from '../../src/platform/http/routes.js';
import { openApiDocument } from '../../src/platform/http/swagger.js';
import { memberOf } from '../../src/shared/unknown.js';
import { newId } from '../../src/shared/ids.js';
import { Client, expectStatus, newKey, type Reply } from '../support/client.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { environmentOf } from '../support/shop-environment.js';
import { emptyRedis, testRedisUrl } from './problem.support.js';

export const NOBODYS_ID = '0190a1b2-0000-7000-8000-00000000dead';
export const PASSWORD = 'correct horse battery';

/** In the order they ask: whoever is refused comes before whoever may change something. */
export const ACTORS = ['anonymous', 'other', 'keyWithout', 'support', 'admin', 'keyWith', 'owner'] as const;
export type Actor = (typeof ACTORS)[number];

/** One operation of the document. */
export interface Operation {
  /** For example `GET /v1/orders/{id}`. */
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly permissions: readonly Permission[];
  readonly document: Documented | undefined;
}

type Documented = NonNullable<OpenAPIObject['paths'][string]['get']>;

export interface Person {
  readonly id: string;
  readonly email: string;
  readonly roles: readonly Role[];
  readonly sessionId: string;
  readonly token: string;
}

/** People, and what the owner among them has, for one route alone: nothing another route did is in it. */
export interface World {
  readonly owner: Person;
  readonly other: Person;
  readonly support: Person;
  readonly admin: Person;
  /** Somebody things are done to. */
  readonly third: Person;
  /** The id of what is the owner's, by the segment of a path that stands before it. */
  readonly belongings: Record<string, string>;
  readonly product: string;
}

/** The whole web server with all its doors; the card provider and everything else outside is out of reach. */
export class Premises {
  private constructor(
    readonly app: NestExpressApplication,
    readonly db: TestDatabase,
    readonly document: OpenAPIObject,
    private readonly passwordHash: string,
  ) {}

  static async open(): Promise<Premises> {
    const db = await createTestDatabase();
    await emptyRedis();
    const urls = { databaseUrl: db.databaseUrl, redisUrl: testRedisUrl(), sandboxPort: 1, webPort: 1 };
    const config = testConfig({
      ...environmentOf(urls),
      LOG_LEVEL: 'CRITICAL',
      SHUTDOWN_DEADLINE_MS: '2147483647',
      LOGIN_LIMIT_PER_ACCOUNT_AND_IP: '1000',
      LOGIN_LIMIT_PER_ACCOUNT: '1000',
    });
    const module = WebModule.for(config);
    const app = await NestFactory.create<NestExpressApplication>(module, { bodyParser: false, logger: false });
    await configureWeb(app, config);
    await app.listen(0, '127.0.0.1');
    return new Premises(app, db, openApiDocument(app), await hashPassword(PASSWORD));
  }

  async close(): Promise<void> {
    await this.app.close();
    await this.db.drop();
  }

  /** Every route, but for the document itself and its page. */
  get operations(): Operation[] {
    const documented = Object.entries(this.document.paths).flatMap(([path, item]) =>
      (['get', 'post', 'put', 'patch', 'delete'] as const).flatMap((method) => {
        const document = item[method];
        return document ? [operationOf(method.toUpperCase(), path, document)] : [];
      }),
    );
    const { router } = this.app.getHttpAdapter().getInstance() as { router: unknown };
    const registered = routesOf(router)
      .filter(({ path }) => !/^\/docs/.test(path))
      .flatMap(({ path, methods }) => methods.map((method) => operationOf(method, path.replaceAll(/:(\w+)/g, '{$1}'))))
      .filter(({ method }) => method !== 'HEAD');
    return [...new Map([...registered, ...documented].map((operation) => [operation.name, operation])).values()];
  }

  operation(name: string): Operation {
    const found = this.operations.find((one) => one.name === name);
    if (!found) throw new Error(`there is no ${name}`);
    return found;
  }

  client(token?: string): Client {
    return new Client([`http://127.0.0.1:${(this.app.getHttpServer().address() as AddressInfo).port}`], token);
  }

  async person(...roles: Role[]): Promise<Person> {
    const [id, sessionId] = [newId(), newId()];
    const email = `${id}@purser.test`;
    await this.db.query(
      `INSERT INTO users (id, email, password_hash, roles, email_verified_at) VALUES ($1, $2, $3, $4, now())`,
      [id, email, this.passwordHash, roles],
    );
    await this.session(id, sessionId);
    const owner = { userId: id, email, roles, sessionId };
    return {
      id,
      email,
      roles,
      sessionId,
      token: this.app.get(AccessTokens, { strict: false }).issue(owner).accessToken,
    };
  }

  /** A world whose owner has bought something, if `path` is about such things. */
  async world(path: string): Promise<World> {
    const [owner, other, third] = [await this.person('user'), await this.person('user'), await this.person('user')];
    const [support, admin] = [await this.person('user', 'support'), await this.person('user', 'admin')];
    const product = await this.product();
    const session = newId();
    await this.session(owner.id, session);
    const key = await this.keyOf(owner, ['orders.read'], 'nightly export');
    const belongings: Record<string, string> = {
      products: product,
      sessions: session,
      'api-keys': key.id,
      users: third.id,
    };
    if (/orders|payments|reviews/.test(path)) Object.assign(belongings, await this.purchase(owner, product));
    return { owner, other, support, admin, third, product, belongings };
  }

  /** A key of somebody with these scopes. */
  async keyOf({ id: userId }: Person, scopes: readonly Permission[], name = 'of a program') {
    const { key, prefix, hash } = newApiKey();
    const id = newId();
    await this.db.query(
      `INSERT INTO api_keys (id, user_id, name, prefix, secret_hash, scopes, expires_at)
       VALUES ($1, $2, $6, $3, $4, $5, now() + interval '1 hour')`,
      [id, userId, prefix, hash, scopes, name],
    );
    return { id, key };
  }

  async ask(operation: Operation, world: World, { actor, path, body }: Asking): Promise<Reply> {
    const headers = await this.headersOf(operation, world, actor);
    const token = ['owner', 'other', 'support', 'admin'].includes(actor) ? tokenOf(world, actor) : undefined;
    const at = path ?? pathIn(operation, world);
    return this.client(token).request(operation.method, at, { key: newKey(), headers, ...(body ? { body } : {}) });
  }

  private async headersOf(operation: Operation, world: World, actor: Actor): Promise<Record<string, string>> {
    if (actor !== 'keyWith' && actor !== 'keyWithout') return {};
    const asksFor = operation.permissions;
    const owners = permissionsOf(world.owner.roles);
    const isForCustomers = asksFor.length === 0 || asksFor.some((permission) => owners.includes(permission));
    const holder = isForCustomers ? world.owner : world.admin;
    const all = SCOPES.filter((scope) => permissionsOf(holder.roles).includes(scope));
    const scopes = all.filter((scope) => asksFor.length === 0 || asksFor.includes(scope) === (actor === 'keyWith'));
    const { key } = await this.keyOf(holder, scopes.length > 0 ? scopes : all);
    return { 'x-api-key': key };
  }

  private async session(userId: string, sessionId: string): Promise<void> {
    await this.db.query(
      `INSERT INTO sessions (id, user_id, seed, expires_at) VALUES ($1, $2, 'x', now() + interval '1 hour')`,
      [sessionId, userId],
    );
  }

  private async product(): Promise<string> {
    const id = newId();
    await this.db.query(
      `INSERT INTO products (id, sku, name, unit_amount, currency, stock_on_hand) VALUES ($1::uuid, $1::uuid::text, 'Mug', 1490, 'USD', 100)`,
      [id],
    );
    return id;
  }

  private async purchase(owner: Person, productId: string): Promise<Record<string, string>> {
    const client = this.client(owner.token);
    const { id: orders } = await client.place([{ productId, quantity: 1 }]);
    const paying = { key: newKey(), body: { paymentMethod: 'bank_transfer' } };
    const { id: payments } = expectStatus(await client.post(`/v1/orders/${orders}/payments`, paying), 201).body;
    return { orders, payments, reviews: payments };
  }
}

export interface Asking {
  readonly actor: Actor;
  /** Another path than that of the owner's own thing. */
  readonly path?: string;
  readonly body?: object;
}

/** The path of what is the owner's; an id nobody knows for all others. */
export function pathIn({ path }: Operation, { belongings }: World): string {
  return path
    .replaceAll(/([\w-]+)\/\{\w*[iI]d\}/g, (_all, of: string) => `${of}/${belongings[of] ?? NOBODYS_ID}`)
    .replace('*path', 'api/queues')
    .replace('{name}', 'bank')
    .replace('{subscriber}', 'mailer');
}

function operationOf(method: string, path: string, document?: Documented): Operation {
  const permissions = (memberOf(document, 'x-permissions') ?? []) as Permission[];
  return { name: `${method} ${path}`, method, path, permissions, document };
}

function tokenOf(world: World, actor: Actor): string {
  const people: Partial<Record<Actor, Person>> = world;
  return people[actor]?.token ?? '';
}
