import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import request from 'supertest';
import { createWeb } from '../../src/app/web.bootstrap.js';
import { WorkerModule } from '../../src/app/worker.module.js';
import { UserDirectory, type AccountLink } from '../../src/contracts/letters.js';
import { testConfig } from '../support/config.js';
import { Rig } from '../contract/sandbox.fixture.js';
import type { TestDatabase } from '../support/database.js';
import { harness } from '../support/harness.js';
import { seededDatabase } from '../support/seeded-database.js';
import { environmentOf, PASSWORD, WEBHOOK_SECRET } from '../support/shop-environment.js';
import { waitUntil } from '../support/wait.js';
import { stripeSignature } from '../support/webhook-signature.js';

/** Everything a person leaves behind has this word in it, but for the address they came from. */
export const CANARY = 'canary';
const ADDRESS = '203.0.113.77';
const DEVICE = 'CanaryBrowser/1.0';

/** What must be the same after somebody was erased as before: rows as they are stored. */
const BOOKS: Readonly<Record<string, string>> = {
  orders: `to_jsonb(t) - 'cancel_reason'`,
  order_items: 't',
  payments: 't',
  refunds: 't',
  reviews: 't',
  provider_calls: 't',
  ledger_transactions: 't',
  ledger_entries: 't',
};

interface Login {
  readonly token: string;
  readonly id: string;
}

/** A whole shop in this process: web server, worker and provider, on a database and a Redis number of its own. */
export class WholeShop {
  private constructor(
    readonly web: NestExpressApplication,
    readonly db: TestDatabase,
    private readonly parts: { worker: INestApplicationContext; redis: Redis; rig: Rig },
  ) {}

  static async start(): Promise<WholeShop> {
    const db = await seededDatabase();
    const rig = await Rig.start();
    const redisUrl = `${harness().redisUrl}/${process.env.JEST_WORKER_ID ?? '1'}`;
    const redis = new Redis(redisUrl);
    await redis.flushdb();
    const places = { databaseUrl: db.databaseUrl, redisUrl, sandboxPort: 1, webPort: 1 };
    const config = testConfig({
      ...environmentOf(places),
      STRIPE_API_URL: rig.url,
      SENDGRID_API_URL: rig.url,
      STRIPE_TIMEOUT_MS: '10000',
      TRUST_PROXY_HOPS: '1',
      LOG_LEVEL: 'CRITICAL',
      REDIS_COMMAND_TIMEOUT_MS: '5000',
      // The deadline ends the process, and a jest worker goes on with other files.
      SHUTDOWN_DEADLINE_MS: '2147483647',
    });
    const web = await createWeb(config);
    await web.listen(0, '127.0.0.1');
    const worker = await NestFactory.createApplicationContext(WorkerModule.for(config), { logger: false });
    return new WholeShop(web, db, { worker, redis, rig });
  }

  async stop(): Promise<void> {
    await this.parts.worker.close();
    await this.web.close();
    this.parts.redis.disconnect();
    await this.parts.rig.close();
    await this.db.drop();
  }

  call(method: 'get' | 'post' | 'put' | 'patch' | 'delete', path: string, token?: string): request.Test {
    const test = request(this.web.getHttpServer())[method](`/v1${path}`);
    void test.set('User-Agent', DEVICE).set('X-Forwarded-For', ADDRESS).set('X-Forwarded-Proto', 'https');
    return token === undefined ? test : test.set('Authorization', `Bearer ${token}`);
  }

  /** As somebody else, from somewhere else. */
  atTheDesk(method: 'get' | 'post', path: string, token?: string): request.Test {
    return this.call(method, path, token).set('User-Agent', 'Desk/1.0').set('X-Forwarded-For', '198.51.100.1');
  }

  async logIn(email: string, password: string): Promise<Login> {
    const { body } = await this.call('post', '/auth/login').send({ email, password }).expect(200);
    const { accessToken: token } = body as { accessToken: string };
    const me = await this.call('get', '/users/me', token).expect(200);
    return { token, id: (me.body as { id: string }).id };
  }

  async admin(): Promise<string> {
    const login = { email: 'admin@purser.test', password: PASSWORD };
    const { body } = await this.atTheDesk('post', '/auth/login').send(login).expect(200);
    return (body as { accessToken: string }).accessToken;
  }

  /** An admin says that the money of a bank transfer has come. */
  async confirm(admin: string, paymentId: string): Promise<void> {
    const payment = await this.atTheDesk('get', `/payments/${paymentId}`, admin).expect(200);
    const body = { reference: `BANK-${paymentId}`, receivedAmount: (payment.body as { amount: number }).amount };
    const call = this.atTheDesk('post', `/payments/${paymentId}/confirm`, admin);
    await call.set('Idempotency-Key', randomUUID()).send(body).expect(200);
  }

  async join(email: string, displayName: string): Promise<Login> {
    await this.call('post', '/auth/register').send({ email, password: PASSWORD, displayName }).expect(202);
    const [row] = await this.db.query<{ id: string }>(`SELECT id FROM users WHERE email = $1`, [email]);
    const link = await this.directory.verificationLinkOf(row?.id ?? '');
    await this.call('post', '/auth/verify-email')
      .send({ token: tokenIn(link) })
      .expect(204);
    return this.logIn(email, PASSWORD);
  }

  async linkedToken(userId: string, link: AccountLink): Promise<string> {
    return tokenIn(await this.directory.accountLinkOf(userId, link));
  }

  /** Places an order and pays it, if told how. */
  async order(token: string, paymentMethod?: 'card' | 'bank_transfer'): Promise<{ id: string; paymentId: string }> {
    const [product] = await this.db.query<{ id: string }>(
      `SELECT id FROM products WHERE stock_on_hand > 10 AND is_active ORDER BY id LIMIT 1`,
    );
    const items = [{ productId: product?.id, quantity: 1 }];
    const placed = await this.keyed(token, '/orders', { items }).expect(201);
    const { id } = placed.body as { id: string };
    if (!paymentMethod) return { id, paymentId: '' };
    const how = { paymentMethod, ...(paymentMethod === 'card' ? { paymentMethodId: 'pm_card_visa' } : {}) };
    const paid = await this.keyed(token, `/orders/${id}/payments`, how).expect(201);
    return { id, paymentId: (paid.body as { id: string }).id };
  }

  keyed(token: string, path: string, body: object): request.Test {
    return this.call('post', path, token).set('Idempotency-Key', randomUUID()).send(body);
  }

  /** The provider tells of a charge, with everything it knows of who paid. */
  async tellOfCharge(): Promise<void> {
    const about = { name: CANARY, email: `${CANARY}@example.com`, phone: CANARY, address: { line1: CANARY } };
    const charge = { id: 'ch_of_somebody', object: 'charge', amount: 1, billing_details: about };
    const event = { id: `evt_${randomUUID()}`, object: 'event', type: 'charge.updated', data: { object: charge } };
    const raw = JSON.stringify(event);
    const signature = stripeSignature(raw, { secret: WEBHOOK_SECRET });
    const call = this.call('post', '/webhooks/stripe').set('stripe-signature', signature);
    await call.set('Content-Type', 'application/json').send(raw).expect(200);
  }

  /** Whatever was recorded has been heard, but for what a broken delivery leaves out. */
  async settle(): Promise<void> {
    await waitUntil(
      async () => (await this.db.query(`SELECT FROM event_deliveries WHERE dead_at IS NULL LIMIT 1`)).length === 0,
      { what: 'everything to be heard', timeoutMs: 60_000, explain: () => this.unheard() },
    );
  }

  /** The tables, and the keys of Redis, that tell of somebody; `where` a word of theirs stands. */
  async traces(): Promise<string[]> {
    const tables = await this.db.query<{ name: string }>(
      `SELECT DISTINCT table_name AS name FROM information_schema.columns JOIN information_schema.tables
         USING (table_schema, table_name) WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1`,
    );
    const found: string[] = [];
    for (const { name } of tables) {
      const hits = await this.db.query(`SELECT FROM ${name} AS t WHERE t::text ILIKE $1 OR t::text LIKE $2 LIMIT 1`, [
        `%${CANARY}%`,
        `%${ADDRESS}%`,
      ]);
      if (hits.length > 0) found.push(name);
    }
    return [...found, ...(await this.tracesInRedis())];
  }

  /** One line per table; the words a customer cancelled with are theirs, and no part of the books. */
  async books(): Promise<Record<string, unknown>> {
    const books: Record<string, unknown> = {};
    for (const [table, row] of Object.entries(BOOKS)) {
      const sql = `SELECT count(*)::int AS rows, md5(string_agg((${row})::text, '|' ORDER BY (${row})::text)) AS sum`;
      [books[table]] = await this.db.query(`${sql} FROM ${table} AS t`);
    }
    return books;
  }

  private get directory(): UserDirectory {
    return this.web.get(UserDirectory, { strict: false });
  }

  /** The counters of a client address end by themselves, within the hour, and name nobody: there it may stand. */
  private async tracesInRedis(): Promise<string[]> {
    const { redis } = this.parts;
    const found: string[] = [];
    for (const key of await redis.keys('*')) {
      const dump = (await redis.dumpBuffer(key))?.toString('latin1') ?? '';
      const isCounter = key.startsWith('purser:limit:');
      const words = isCounter ? [CANARY] : [CANARY, ADDRESS];
      if (words.some((word) => `${key} ${dump}`.toLowerCase().includes(word))) found.push(`redis ${key}`);
    }
    return found;
  }

  private async unheard(): Promise<string> {
    return JSON.stringify(
      await this.db.query(
        `SELECT e.name, d.subscriber, d.attempts, d.last_error FROM event_deliveries d JOIN events e ON e.id = d.event_id`,
      ),
    );
  }
}

function tokenIn(link: string | null): string {
  return new URL(link ?? 'x:').searchParams.get('token') ?? '';
}
