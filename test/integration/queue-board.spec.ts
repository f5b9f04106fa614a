import type { NestExpressApplication } from '@nestjs/platform-express';
import Bull from 'bull';
import request from 'supertest';
import { createWeb } from '../../src/app/web.bootstrap.js';
import { SUBSCRIBER_NAMES } from '../../src/contracts/domain-events.js';
import type { Role } from '../../src/contracts/roles.js';
import { AccessTokens } from '../../src/platform/auth/access-tokens.js';
import type { Config } from '../../src/platform/config/config.js';
import { testConfig } from '../support/config.js';
import { QUEUE_PREFIX } from '../../src/platform/queue/queues.js';
import { newId } from '../../src/shared/ids.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { harness } from '../support/harness.js';
import { environmentOf } from '../support/shop-environment.js';

describe('the queue board', () => {
  let database: TestDatabase;
  let config: Config;
  let app: NestExpressApplication;
  let queue: Bull.Queue;

  beforeAll(async () => {
    database = await createTestDatabase();
    const redisUrl = `${harness().redisUrl}/${process.env.JEST_WORKER_ID ?? '1'}`;
    const places = { databaseUrl: database.databaseUrl, redisUrl, sandboxPort: 1, webPort: 1 };
    config = testConfig({ ...environmentOf(places), LOG_LEVEL: 'CRITICAL' });
    app = await createWeb(config);
    await app.listen(0, '127.0.0.1');
    queue = new Bull('mailer', config.REDIS_URL, { prefix: QUEUE_PREFIX });
    await queue.obliterate({ force: true });
    await queue.add({ eventId: newId(), subscriber: 'mailer', attempts: 1 }, { jobId: 'one' });
  });

  afterAll(async () => {
    await queue?.close();
    await app?.close();
    await database?.drop();
  });

  /** The access token of a new session of somebody with these roles. */
  async function tokenOf(...roles: Role[]): Promise<string> {
    const [userId, sessionId] = [newId(), newId()];
    const email = `${userId}@purser.test`;
    const user = `INSERT INTO users (id, email, password_hash, roles) VALUES ($1, $2, 'x', $3)`;
    await database.query(user, [userId, email, roles]);
    const session = `INSERT INTO sessions (id, user_id, seed, expires_at) VALUES ($1, $2, 'x', now() + interval '1 hour')`;
    await database.query(session, [sessionId, userId]);
    return app.get(AccessTokens).issue({ userId, email, roles, sessionId }).accessToken;
  }

  function ask(path: string, token?: string, method: 'get' | 'put' | 'post' = 'get'): request.Test {
    const test = request(app.getHttpServer())[method](`/admin/queues${path}`);
    return token === undefined ? test : test.set('Cookie', `__Host-purser-access=${token}`);
  }

  const PARTS = ['', '/', '/queue/mailer', '/api/queues', '/static/favicon.ico', '/api/queues/mailer/one'];

  it('is for admins only, in every part', async () => {
    const [customer, support] = [await tokenOf('user'), await tokenOf('user', 'support')];
    for (const part of PARTS) {
      const anonymous = await ask(part).expect(401);
      expect(anonymous.body).toMatchObject({ code: 'unauthenticated' });
      expect(anonymous.headers['content-type']).toContain('application/problem+json');
      for (const token of [customer, support]) {
        expect((await ask(part, token).expect(403)).body).toMatchObject({ code: 'forbidden' });
      }
    }
  });

  it('is a page that loads nothing from elsewhere, and may run only what is its own', async () => {
    const { text, headers } = await ask('', await tokenOf('admin')).expect(200);
    expect(text).toContain('<base href="/admin/queues/"');
    expect(text).not.toMatch(/(?:href|src)="(?:https?:)?\/\//);
    expect(headers['content-security-policy']).toContain(`script-src 'self';`);
    expect(headers['content-security-policy']).toContain(`frame-ancestors 'none'`);
    expect(headers['x-powered-by']).toBeUndefined();
    expect(headers['cache-control']).toBe('no-store');
  });

  it('shows every queue and its jobs', async () => {
    const { body } = await ask('/api/queues?activeQueue=mailer', await tokenOf('admin')).expect(200);
    const shown = body.queues as { name: string; counts: { waiting: number }; readOnlyMode: boolean }[];
    expect(shown.map(({ name }) => name)).toEqual([...SUBSCRIBER_NAMES]);
    expect(shown.every(({ readOnlyMode }) => readOnlyMode)).toBe(true);
    expect(shown.find(({ name }) => name === 'mailer')?.counts.waiting).toBe(1);
  });

  it.each([
    ['put', '/api/queues/mailer/one/clean'],
    ['put', '/api/queues/mailer/one/promote'],
    ['put', '/api/queues/mailer/clean/waiting'],
    ['put', '/api/queues/mailer/empty'],
    ['put', '/api/queues/mailer/pause'],
    ['put', '/api/queues/mailer/obliterate'],
    ['post', '/api/queues/mailer/add'],
  ] as const)('does not take %s %s, not even from an admin', async (method, path) => {
    const token = await tokenOf('admin');
    const bearer = { Authorization: `Bearer ${token}` };
    await request(app.getHttpServer())[method](`/admin/queues${path}`).set(bearer).send({}).expect(405);
    expect([await queue.isPaused(), await queue.getWaitingCount()]).toEqual([false, 1]);
  });
});
