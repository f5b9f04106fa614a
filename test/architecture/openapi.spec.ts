import type { NestExpressApplication } from '@nestjs/platform-express';
import type { OpenAPIObject } from '@nestjs/swagger';
import request from 'supertest';
import { createWeb } from '../../src/app/web.bootstrap.js';
import { ROLE_PERMISSIONS, type Permission } from '../../src/contracts/permissions.js';
import { AccessTokens } from '../../src/platform/auth/access-tokens.js';
import { readConfig } from '../../src/platform/config/config.js';
import { routesOf } from '../../src/platform/http/routes.js';
import { openApiDocument } from '../../src/platform/http/swagger.js';
import { newId } from '../../src/shared/ids.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { harness } from '../support/harness.js';
import { environmentOf } from '../support/shop-environment.js';

jest.setTimeout(60_000);

/** Pages for people, and the document itself. */
const UNDOCUMENTED = /^\/(docs(-json|-yaml|\/.*)?|login|admin\/queues(\/.*)?)?$/;
const NOBODYS_ID = '0190a1b2-0000-7000-8000-00000000dead';
/** No page may set these, so a parameter that asks for one cannot be filled in from Swagger UI. */
const SENT_BY_BROWSERS = /^(user-agent|accept.*|cookie|host|origin|referer|connection|content-length)$/i;
const PROBLEM = 'application/problem+json';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;

interface Named {
  /** For example `GET /v1/orders/{id}`. */
  readonly name: string;
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  readonly path: string;
  readonly operation: Operation;
}

describe('the OpenAPI document', () => {
  let database: TestDatabase;
  let app: NestExpressApplication;
  let document: OpenAPIObject;

  beforeAll(async () => {
    database = await createTestDatabase();
    const urls = { databaseUrl: database.databaseUrl, redisUrl: harness().redisUrl, sandboxPort: 1, webPort: 1 };
    app = await createWeb(readConfig({ ...environmentOf(urls), LOG_LEVEL: 'CRITICAL' }));
    document = openApiDocument(app);
  });

  afterAll(async () => {
    await app?.close();
    await database?.drop();
  });

  function registered(): string[] {
    const { router } = app.getHttpAdapter().getInstance() as { router: Parameters<typeof routesOf>[0] };
    return routesOf(router)
      .filter(({ path }) => !UNDOCUMENTED.test(path))
      .flatMap(({ path, methods }) => methods.map((method) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`))
      .filter((name) => !name.startsWith('HEAD '));
  }

  /** A token of a new session of a new customer, as a login would give it. */
  async function customersToken(): Promise<string> {
    const [userId, sessionId] = [newId(), newId()];
    const email = `${userId}@purser.test`;
    await database.query(`INSERT INTO users (id, email, password_hash) VALUES ($1, $2, 'x')`, [userId, email]);
    await database.query(
      `INSERT INTO sessions (id, user_id, seed, expires_at) VALUES ($1, $2, 'x', now() + interval '1 hour')`,
      [sessionId, userId],
    );
    return app.get(AccessTokens).issue({ userId, email, roles: ['user'], sessionId }).accessToken;
  }

  async function statusOf({ method, path }: Named, token?: string): Promise<number> {
    const call = request(app.getHttpServer())[method](path.replaceAll(/\{\w+\}/g, NOBODYS_ID));
    return (await (token ? call.set('Authorization', `Bearer ${token}`) : call)).status;
  }

  it('names every registered route, and no other', () => {
    expect(namesOf(document).sort()).toEqual(registered().sort());
    expect(registered().length).toBeGreaterThan(25);
  });

  it('would not pass with a path left out, or with one made up', () => {
    const { '/v1/orders': left, ...others } = document.paths;
    expect(left).toBeDefined();
    expect(namesOf({ ...document, paths: others }).sort()).not.toEqual(registered().sort());
    const invented = { ...document.paths, '/v1/invented': { get: { responses: {} } } };
    expect(namesOf({ ...document, paths: invented }).sort()).not.toEqual(registered().sort());
  });

  it('sums up every operation and describes a success of it', () => {
    const silent = operationsOf(document).filter(({ operation }) => {
      const isSuccessful = Object.keys(operation.responses).some((status) => /^2\d\d$/.test(status));
      return !operation.summary || !isSuccessful;
    });
    expect(silent.map(({ name }) => name)).toEqual([]);
  });

  it('has nobody fill in a header that browsers send by themselves', () => {
    const headers = operationsOf(document).flatMap(({ operation }) =>
      (operation.parameters ?? []).flatMap((one) => ('name' in one && one.in === 'header' ? [one.name] : [])),
    );
    expect(headers).toContain('Idempotency-Key');
    expect(headers.filter((name) => SENT_BY_BROWSERS.test(name))).toEqual([]);
  });

  it('describes the problems of every operation below /v1, as problem documents', () => {
    const incomplete = operationsOf(document)
      .filter(({ path }) => path.startsWith('/v1/'))
      .map((named) => ({
        name: named.name,
        lacks: expectedProblems(named).filter((status) => !hasProblem(named, status)),
      }))
      .filter(({ lacks }) => lacks.length > 0);
    expect(incomplete).toEqual([]);
  });

  it('asks for a token exactly where the server does, and names the ways to bring one', async () => {
    const unlike: string[] = [];
    for (const named of operationsOf(document)) {
      const isRefused = (await statusOf(named)) === 401;
      if (isRefused !== isSecured(named)) unlike.push(named.name);
    }
    expect(unlike).toEqual([]);
    expect(Object.keys(document.components?.securitySchemes ?? {})).toEqual(['bearer', 'apiKey', 'cookie', 'csrf']);
  });

  it('names a permission customers have exactly where they may go, and describes whatever they are answered', async () => {
    const unlike: object[] = [];
    for (const named of operationsOf(document)) {
      const status = await statusOf(named, await customersToken());
      const isForbidden = status === 403;
      const saysForbidden = !isForCustomers(named);
      const isDescribed = String(status) in named.operation.responses;
      if (isForbidden !== saysForbidden || !isDescribed) unlike.push({ name: named.name, status, saysForbidden });
    }
    expect(unlike).toEqual([]);
  });
});

function operationsOf({ paths }: OpenAPIObject): Named[] {
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([method]) => ['get', 'post', 'put', 'patch', 'delete'].includes(method))
      .map(([method, operation]) => ({
        name: `${method.toUpperCase()} ${path}`,
        method: method as Named['method'],
        path,
        operation: operation as Operation,
      })),
  );
}

function namesOf(document: OpenAPIObject): string[] {
  return operationsOf(document).map(({ name }) => name);
}

/** Without any permission it is about one's own account. */
function isForCustomers({ operation }: Named): boolean {
  const { 'x-permissions': permissions } = operation as Operation & { 'x-permissions'?: Permission[] };
  return !permissions || permissions.some((permission) => ROLE_PERMISSIONS.user.includes(permission));
}

function isSecured({ operation }: Named): boolean {
  return (operation.security ?? []).some((scheme) => 'bearer' in scheme);
}

/** What can go wrong, as far as the operation's own shape tells. */
function expectedProblems(named: Named): string[] {
  const { operation, path } = named;
  const takesKey = (operation.parameters ?? []).some((one) => 'name' in one && one.name === 'Idempotency-Key');
  return [
    ...(isSecured(named) ? ['401', '403'] : []),
    ...(operation.requestBody ? ['400'] : []),
    ...(path.includes('{') ? ['400', '404'] : []),
    ...(takesKey ? ['400', '409', '422'] : []),
  ];
}

function hasProblem({ operation }: Named, status: string): boolean {
  const response = operation.responses[status];
  return response !== undefined && 'content' in response && PROBLEM in (response.content ?? {});
}
