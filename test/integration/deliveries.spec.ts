import { Global, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import request from 'supertest';
import { PlatformModule } from '../../src/app/platform.module.js';
import type { Subscriber } from '../../src/contracts/domain-events.js';
import type { Role } from '../../src/contracts/roles.js';
import { ApiKeyDirectory } from '../../src/contracts/api-key-directory.js';
import { SessionDirectory, type SessionStanding } from '../../src/contracts/session-directory.js';
import { AccessTokens } from '../../src/platform/auth/access-tokens.js';
import { AuthModule } from '../../src/platform/auth/auth.module.js';
import { testConfig } from '../support/config.js';
import { Transactions } from '../../src/platform/database/transactions.js';
import { DeliveriesRepository } from '../../src/platform/events/deliveries.repository.js';
import { EventsHttpModule } from '../../src/platform/events/events.http.module.js';
import { ParkedDeliveriesRepository } from '../../src/platform/events/parked-deliveries.repository.js';
import { Events } from '../../src/platform/events/events.js';
import { configureWeb } from '../../src/platform/http/configure-web.js';
import { HttpModule } from '../../src/platform/http/http.module.js';
import { Log, type Line } from '../../src/platform/telemetry/log.js';
import { newId } from '../../src/shared/ids.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { NoApiKeys } from '../support/no-api-keys.js';
import { harness } from '../support/harness.js';
import { RAISED_LIMITS } from '../support/raised-limits.js';

/** Everybody's session stands, with the roles of the one who is asking now. */
class StandingSessions extends SessionDirectory {
  roles: Role[] = ['admin'];

  standingOf(sessionId: string): Promise<SessionStanding> {
    const now = Date.now();
    return Promise.resolve({
      userId: sessionId,
      roles: this.roles,
      mustEnrol: false,
      readAt: now,
      expiresAt: now + 60_000,
    });
  }
}

const sessions = new StandingSessions();

@Global()
@Module({
  providers: [
    { provide: SessionDirectory, useValue: sessions },
    { provide: ApiKeyDirectory, useClass: NoApiKeys },
  ],
  exports: [SessionDirectory, ApiKeyDirectory],
})
class Ports {}

@Module({})
class DeliveriesDoors {}

interface Listed {
  data: { eventId: string; subscriber: string }[];
  next: string | null;
}

describe('parked deliveries', () => {
  let db: TestDatabase;
  let app: NestExpressApplication;
  let deliveries: DeliveriesRepository;
  const actorId = newId();

  beforeAll(async () => {
    db = await createTestDatabase();
    const config = testConfig({
      APP_ENV: 'test',
      LOG_LEVEL: 'CRITICAL',
      DATABASE_URL: db.databaseUrl,
      REDIS_URL: `${harness().redisUrl}/${process.env.JEST_WORKER_ID ?? '1'}`,
      ...RAISED_LIMITS,
      SHUTDOWN_DRAIN_MS: '0',
    });
    const imports = [PlatformModule.for(config), HttpModule, Ports, AuthModule, EventsHttpModule];
    const module = { module: DeliveriesDoors, imports, providers: [DeliveriesRepository] };
    app = await NestFactory.create<NestExpressApplication>(module, { bodyParser: false, logger: false });
    await configureWeb(app, config);
    await app.listen(0, '127.0.0.1');
    deliveries = app.get(DeliveriesRepository, { strict: false });
  });

  beforeEach(async () => {
    sessions.roles = ['admin'];
    await db.query(`DELETE FROM event_deliveries`);
  });

  afterAll(async () => {
    await app.close();
    await db.drop();
  });

  function call(method: 'get' | 'post', path: string): request.Test {
    const owner = { userId: actorId, email: 'admin@shop.example', roles: sessions.roles, sessionId: actorId };
    const { accessToken } = app.get(AccessTokens, { strict: false }).issue(owner);
    return request(app.getHttpServer())
      [method](`/v1/admin/deliveries${path}`)
      .set('Authorization', `Bearer ${accessToken}`);
  }

  /** A delivery of an event; parked unless told otherwise. */
  async function aDelivery({ isParked = true } = {}) {
    const [stream, orderId] = [`test-${newId()}`, newId()];
    const append = { name: 'user.registered', stream, version: 1, payload: { userId: newId() }, orderId } as const;
    await app.get(Transactions, { strict: false }).run((tx) => new Events().append(tx, append));
    const [row] = await db.query<{ eventId: string; subscriber: Subscriber }>(
      `SELECT event_id AS "eventId", subscriber FROM event_deliveries AS d JOIN events AS e ON e.id = d.event_id
        WHERE e.stream = $1`,
      [stream],
    );
    if (!row) throw new Error('nobody hears it');
    if (isParked) await park(row);
    return { ...row, orderId };
  }

  async function park({ eventId, subscriber }: { eventId: string; subscriber: string }): Promise<void> {
    await db.query(
      `UPDATE event_deliveries SET attempts = 8, deaths = 2, last_error = 'Error: it broke', dead_at = now(),
              leased_until = NULL, available_at = now() - interval '1 hour' WHERE event_id = $1 AND subscriber = $2`,
      [eventId, subscriber],
    );
  }

  const replay = ({ eventId, subscriber }: { eventId: string; subscriber: string }) =>
    call('post', `/${eventId}/${subscriber}/replay`);

  it('are listed with what an operator needs, and nothing else is', async () => {
    const { eventId, subscriber, orderId } = await aDelivery();
    await aDelivery({ isParked: false });

    const { body } = await call('get', '?state=parked').expect(200);
    expect(body).toEqual({
      data: [
        {
          eventId,
          subscriber,
          event: 'user.registered',
          orderId,
          attempts: 8,
          deaths: 2,
          lastError: 'Error: it broke',
          occurredAt: expect.stringMatching(/^\d{4}-.*Z$/) as string,
          deadAt: expect.stringMatching(/^\d{4}-.*Z$/) as string,
        },
      ],
      next: null,
    });
  });

  it('are paged newest first, also where one event is parked for two subscribers, whatever is replayed meanwhile', async () => {
    const made: { eventId: string; subscriber: string }[] = [];
    for (let i = 0; i < 3; i += 1) {
      const { eventId, subscriber } = await aDelivery();
      await db.query(`INSERT INTO event_deliveries (event_id, subscriber) VALUES ($1, 'mailer')`, [eventId]);
      await park({ eventId, subscriber: 'mailer' });
      made.push({ eventId, subscriber: 'mailer' }, { eventId, subscriber });
    }
    const seen: object[] = [];
    let path = '?limit=1';
    for (;;) {
      const { body } = await call('get', path).expect(200);
      const { data, next } = body as Listed;
      seen.push(...data.map(({ eventId, subscriber }) => ({ eventId, subscriber })));
      if (next === null) break;
      if (data[0]) await replay(data[0]).expect(202);
      path = `?limit=1&after=${next}`;
    }
    expect(seen).toEqual(made.reverse());
  });

  it.each(['?state=open', '?limit=0', '?limit=101', '?after=x', '?other=1'])('refuse to be asked %s', async (query) => {
    const { body } = await call('get', query).expect(400);
    expect(body).toMatchObject({ code: 'invalid-request' });
  });

  it.each([[['user']], [['support']], [['user', 'support']]] as [Role[]][])('are not for %j', async (roles) => {
    const delivery = await aDelivery();
    sessions.roles = roles;
    await call('get', '').expect(403);
    await replay(delivery).expect(403);
    const [row] = await db.query(`SELECT attempts FROM event_deliveries WHERE dead_at IS NOT NULL`);
    expect(row).toEqual({ attempts: 8 });
  });

  it('run again at once when replayed, with all their attempts, and the log says by whom', async () => {
    const delivery = await aDelivery();
    expect(await deliveries.takeDue()).toEqual([]);
    const lines: Line[] = [];
    const info = jest
      .spyOn(app.get(Log, { strict: false }), 'info')
      .mockImplementation((line) => void lines.push(line));
    await replay(delivery).expect(202).expect('');
    info.mockRestore();

    const { eventId, subscriber } = delivery;
    expect(lines).toContainEqual({ message: 'a parked delivery is replayed', eventId, subscriber, actorId });
    const [row] = await db.query(
      `SELECT attempts, deaths, last_error, dead_at, leased_until, available_at <= now() AS due FROM event_deliveries`,
    );
    const fresh = { attempts: 0, deaths: 0, dead_at: null, leased_until: null, due: true };
    expect(row).toEqual({ ...fresh, last_error: 'Error: it broke' });
    expect(await deliveries.takeDue()).toEqual([{ eventId, subscriber, attempts: 0 }]);
    expect(await deliveries.claim({ eventId, subscriber, attempts: 0 })).toMatchObject({ attempts: 1, deaths: 0 });
  });

  it('are replayed once, however many replay them at once', async () => {
    const delivery = await aDelivery();
    const replies = await Promise.all(Array.from({ length: 8 }, () => replay(delivery)));
    expect(replies.map(({ status }) => status).sort()).toEqual([202, 409, 409, 409, 409, 409, 409, 409]);
  });

  it('leave alone the claim of work that is under way', async () => {
    const delivery = await aDelivery({ isParked: false });
    const claim = await deliveries.claim({ ...delivery, attempts: 0 });
    const { body } = await replay(delivery).expect(409);
    expect(body).toMatchObject({ code: 'delivery-not-parked' });
    const closed = await app
      .get(Transactions, { strict: false })
      .run(async (tx) => claim && deliveries.close(tx, claim));
    expect(closed).toBe(true);
  });

  it('are not found when they are closed, of another subscriber, or never were', async () => {
    const { eventId, subscriber } = await aDelivery();
    for (const key of [
      { eventId: newId(), subscriber },
      { eventId, subscriber: 'mailer' },
      { eventId, subscriber: 'nobody' },
    ]) {
      const { body } = await replay(key).expect(404);
      expect(body).toMatchObject({ code: 'delivery-not-found' });
    }
    await replay({ eventId: 'x', subscriber }).expect(400);
    const parked = app.get(ParkedDeliveriesRepository, { strict: false });
    expect(await parked.list({ limit: 10 })).toHaveLength(1);
  });
});
