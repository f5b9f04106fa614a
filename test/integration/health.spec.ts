import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Redis } from 'ioredis';
import type { AddressInfo } from 'node:net';
import { DataSource } from 'typeorm';
import { PlatformModule } from '../../src/app/platform.module.js';
import { testConfig } from '../support/config.js';
import { REDIS } from '../../src/platform/cache/redis.module.js';
import { Draining } from '../../src/platform/health/draining.js';
import { WorkerHeartbeat } from '../../src/platform/health/worker-heartbeat.js';
import { configureWeb } from '../../src/platform/http/configure-web.js';
import { HttpModule } from '../../src/platform/http/http.module.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { Proxy } from '../support/proxy.js';
import { waitUntil } from '../support/wait.js';
import { testRedisUrl } from './problem.support.js';

const POOL_MAX = 2;
/** 800 ms for the answer, and what a busy machine adds; whoever waited for the database itself would take two seconds. */
const PROBE_MAX_MS = 1_900;
/** Less than the 800 ms of somebody who waits. */
const AT_ONCE_MAX_MS = 700;

interface Health {
  readonly httpStatus: number;
  readonly text: string;
  readonly retryAfter: string | null;
  readonly tookMs: number;
  /** Of each part, what it says. */
  readonly parts: Readonly<Record<string, string>>;
}

@Module({})
class Bare {}

describe('Health', () => {
  let db: TestDatabase;
  let postgres: Proxy;
  let redis: Proxy;
  let app: NestExpressApplication;

  beforeEach(async () => {
    db = await createTestDatabase();
    postgres = await Proxy.before(db.databaseUrl);
    redis = await Proxy.before(testRedisUrl());
  });

  afterEach(async () => {
    await app.close();
    await Promise.all([postgres.close(), redis.close()]);
    await db.drop();
  });

  async function start(): Promise<void> {
    const config = testConfig({
      APP_ENV: 'test',
      LOG_LEVEL: 'CRITICAL',
      DATABASE_URL: postgres.through(db.databaseUrl),
      DATABASE_POOL_MAX: String(POOL_MAX),
      REDIS_URL: redis.through(testRedisUrl()),
      RATE_LIMIT_PER_MINUTE: '1',
    });
    const module = { module: Bare, imports: [PlatformModule.for(config), HttpModule] };
    app = await NestFactory.create<NestExpressApplication>(module, { bodyParser: false, logger: false });
    await configureWeb(app, config);
    await app.listen(0, '127.0.0.1');
    await waitUntil(async () => (await health('ready')).parts.redis === 'up', { what: 'the connection to Redis' });
  }

  async function health(probe: 'live' | 'ready' | 'startup'): Promise<Health> {
    const startedAt = performance.now();
    const { port } = app.getHttpServer().address() as AddressInfo;
    const response = await fetch(`http://127.0.0.1:${port}/health/${probe}`);
    const text = await response.text();
    const { details = {} } = JSON.parse(text) as { details?: Record<string, { status: string }> };
    const parts = Object.fromEntries(Object.entries(details).map(([name, { status }]) => [name, status]));
    const retryAfter = response.headers.get('retry-after');
    return { httpStatus: response.status, text, retryAfter, parts, tookMs: performance.now() - startedAt };
  }

  const allUp = { database: 'up', migrations: 'up', lifecycle: 'up', redis: 'up' };

  it('is ready with its database, and is asked as often as one likes', async () => {
    await start();
    // Not a word of Redis: on a busy machine it may be late for a moment, and that counts for nothing.
    const parts = { database: 'up', migrations: 'up', lifecycle: 'up' };
    for (let round = 0; round < 5; round += 1) {
      expect(await health('ready')).toMatchObject({ httpStatus: 200, parts });
    }
    expect(await health('startup')).toMatchObject({ httpStatus: 200, parts: { database: 'up', migrations: 'up' } });
  });

  it.each(['refuse', 'blackhole'] as const)('is not ready while the database does %s, and lives', async (mode) => {
    await start();
    postgres.become(mode);
    const ready = await health('ready');
    expect(ready).toMatchObject({ httpStatus: 503, retryAfter: '2', parts: { ...allUp, database: 'down' } });
    expect(ready.tookMs).toBeLessThan(PROBE_MAX_MS);
    expect(ready.text).not.toMatch(/ECONN|127\.0\.0\.1|postgres|Error/);
    const live = await health('live');
    expect([live.httpStatus, live.tookMs < AT_ONCE_MAX_MS]).toEqual([200, true]);
    postgres.become('pass');
    await waitUntil(async () => (await health('ready')).httpStatus === 200, { what: 'to be ready again' });
  });

  it('is not ready while requests hold every connection', async () => {
    await start();
    const source = app.get(DataSource);
    const held = Array.from({ length: POOL_MAX }, () => source.query('SELECT pg_sleep(2)'));
    const ready = await health('ready');
    expect(ready).toMatchObject({ httpStatus: 503, parts: { database: 'down' } });
    expect(ready.tookMs).toBeLessThan(PROBE_MAX_MS);
    await Promise.all(held);
    expect((await health('ready')).httpStatus).toBe(200);
  });

  it('is not ready before the migrations have run', async () => {
    const [last] = await db.query<{ name: string; timestamp: string }>(
      'DELETE FROM schema_migrations WHERE id = (SELECT max(id) FROM schema_migrations) RETURNING name, timestamp',
    );
    await start();
    const behind = { httpStatus: 503, parts: { database: 'up', migrations: 'down' } };
    expect(await health('ready')).toMatchObject(behind);
    expect(await health('startup')).toMatchObject(behind);
    await db.query('INSERT INTO schema_migrations (name, timestamp) VALUES ($1, $2)', [last?.name, last?.timestamp]);
    expect((await health('ready')).httpStatus).toBe(200);
  });

  it.each(['refuse', 'blackhole'] as const)('tells that Redis does %s, and is ready all the same', async (mode) => {
    await start();
    redis.become(mode);
    const ready = await health('ready');
    expect(ready).toMatchObject({ httpStatus: 200, parts: { ...allUp, redis: 'degraded' } });
    expect(ready.tookMs).toBeLessThan(AT_ONCE_MAX_MS);
  });

  it('tells whether a worker is heard, and is ready all the same', async () => {
    await start();
    await app.get<Redis>(REDIS).del('purser:worker-heard');
    expect(await health('ready')).toMatchObject({ httpStatus: 200, parts: { ...allUp, worker: 'degraded' } });
    app.get(WorkerHeartbeat).beat();
    await waitUntil(async () => (await health('ready')).parts.worker === 'up', { what: 'the worker to be heard' });
    redis.become('refuse');
    expect(await health('ready')).toMatchObject({
      httpStatus: 200,
      parts: { ...allUp, redis: 'degraded', worker: 'degraded' },
    });
  });

  it('is not ready on its way out, lives, and asks its clients to connect elsewhere', async () => {
    await start();
    await app.get(Draining).begin();
    expect(await health('ready')).toMatchObject({ httpStatus: 503, parts: { ...allUp, lifecycle: 'down' } });
    expect((await health('live')).httpStatus).toBe(200);
    const { port } = app.getHttpServer().address() as AddressInfo;
    const reply = await fetch(`http://127.0.0.1:${port}/`);
    expect([reply.status, reply.headers.get('connection')]).toEqual([200, 'close']);
  });
});
