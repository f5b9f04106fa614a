import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { Client, expectStatus, type ReplyBody } from './client.js';
import type { TestDatabase } from './database.js';
import { violationsOf, type Violations } from './invariants.js';
import { logFolder } from './log-folder.js';
import { throughPooler } from './pooler.js';
import { freePorts, type LogLine, type Program } from './program.js';
import type { Listener } from './proxy.js';
import { SandboxControls } from './sandbox.js';
import { seededDatabase } from './seeded-database.js';
import { environmentOf, FACTORS, PASSWORD } from './shop-environment.js';
import { programsOf, type Role } from './shop-programs.js';
import { ownDatabaseOfRedis, type Proxies, proxiesFor, withRedis } from './shop-servers.js';
import { type Condition, type Patience, waitUntil } from './wait.js';

let shopsStarted = 0;

export interface ShopOptions {
  readonly web?: number;
  readonly workers?: number;
  /** On top of the shortened timers: the control's wiring, usually. */
  readonly env?: Readonly<Record<string, string>>;
  /** Its tables are there, filled; it is dropped with the shop. A copy of the seeded one by default. */
  readonly database?: TestDatabase;
  /** Puts a proxy in front of PostgreSQL and Redis; the listener hears what is sent to PostgreSQL. */
  readonly proxied?: boolean | { readonly toDatabase: Listener };
  /** A Redis nobody else uses, for stories in which the server itself dies. */
  readonly redisUrl?: string;
}

interface ShopParts {
  readonly database: TestDatabase;
  readonly proxies: Proxies | undefined;
  readonly redisUrl: string;
  readonly programs: Readonly<Record<Role, readonly Program[]>>;
  readonly webPorts: readonly number[];
  readonly sandboxPort: number;
}

/** A whole shop in real processes: sandbox, web and worker from `dist/`, a database of its own, a Redis of its own. */
export class RunningShop {
  readonly webs: string[];
  readonly sandbox: SandboxControls;
  readonly database: TestDatabase;
  readonly proxies: Proxies | undefined;
  readonly redisUrl: string;
  private readonly programs: Readonly<Record<Role, readonly Program[]>>;
  private readonly tokens = new Map<string, Promise<string>>();

  constructor({ database, proxies, redisUrl, programs, webPorts, sandboxPort }: ShopParts) {
    this.database = database;
    this.proxies = proxies;
    this.redisUrl = redisUrl;
    this.programs = programs;
    this.webs = webPorts.map((port) => `http://127.0.0.1:${port}`);
    this.sandbox = new SandboxControls(`http://127.0.0.1:${sandboxPort}`);
  }

  /** Somebody without a token. */
  get visitor(): Client {
    return new Client(this.webs);
  }

  /** Logs in once per account and shop, however many ask at once. */
  async as(email: string, password = PASSWORD): Promise<Client> {
    const token = this.tokens.get(email) ?? this.logIn(email, password);
    this.tokens.set(email, token);
    void token.catch(() => this.tokens.delete(email));
    return new Client(this.webs, await token);
  }

  private async logIn(email: string, password: string): Promise<string> {
    const reply = await this.visitor.post('/v1/auth/login', { body: { email, password } });
    return expectStatus(reply, 200).body.accessToken;
  }

  /** That many customers with verified addresses, made in the database: what they went through before is not the story. */
  async customers(count: number): Promise<Client[]> {
    const emails = Array.from({ length: count }, () => `buyer-${randomUUID()}@purser.test`);
    await this.query(
      `INSERT INTO users (id, email, password_hash, email_verified_at)
       SELECT gen_random_uuid(), fresh, anna.password_hash, now()
         FROM unnest($1::text[]) AS fresh, users AS anna WHERE anna.email = 'anna@purser.test'`,
      [emails],
    );
    return Promise.all(emails.map((email) => this.as(email)));
  }

  /** A product of the story's own, made and stocked by the admin. */
  async product({ stock = 1_000, ...facts }: { stock?: number; unitAmount?: number; currency?: string } = {}) {
    const admin = await this.as('admin@purser.test');
    const sku = `TEST-${randomUUID().slice(0, 8).toUpperCase()}`;
    const body = { sku, name: `Test product ${sku}`, description: '', unitAmount: 1_490, currency: 'USD', ...facts };
    const product = expectStatus(await admin.post('/v1/products', { body: { ...body, isActive: true } }), 201).body;
    const adjustment = { body: { delta: stock, reason: 'a delivery' } };
    expectStatus(await admin.post(`/v1/products/${product.id}/stock-adjustments`, adjustment), 201);
    return { id: product.id, sku };
  }

  /** A pending order of one unit by this buyer. */
  async order(buyer: Client): Promise<ReplyBody> {
    const { id: productId } = await this.product();
    return buyer.place([{ productId, quantity: 1 }]);
  }

  query<Row extends pg.QueryResultRow>(sql: string, params?: unknown[]): Promise<Row[]> {
    return this.database.query<Row>(sql, params);
  }

  /** The payments of an order, oldest first. */
  payments(orderId: string): Promise<PaymentRow[]> {
    return this.query<PaymentRow>(
      `SELECT id, status, provider_payment_id, captured_amount::integer, refunded_amount::integer, checks,
         next_check_at + interval '1 second' < now() AS is_overdue FROM payments WHERE order_id = $1 ORDER BY id`,
      [orderId],
    );
  }

  async orderStatus(orderId: string): Promise<string | undefined> {
    return (await this.query<{ status: string }>(`SELECT status FROM orders WHERE id = $1`, [orderId]))[0]?.status;
  }

  /** The exit code of a process that ended by itself after the signal. */
  async kill(role: Role, { index = 0, signal = 'SIGKILL' }: { index?: number; signal?: NodeJS.Signals } = {}) {
    return (await this.programs[role][index]?.kill(signal)) ?? null;
  }

  /** Starts it again; `env` is on top of the shop's, for this one life. */
  async start(role: Role, index = 0, env: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.programs[role][index]?.start(env);
  }

  /** Whether none of its processes has ended. */
  get isWhole(): boolean {
    return Object.values(this.programs).every((all) => all.every((one) => one.isRunning));
  }

  /** What the processes of a role have logged, oldest first per process. */
  logged(role: Role): LogLine[] {
    return this.programs[role].flatMap((one) => one.logLines());
  }

  /** Forgets everything Redis knows of this shop; another one may live in the next database. */
  async flushRedis(): Promise<void> {
    await withRedis(this.redisUrl, (redis) => redis.flushdb());
  }

  waitUntil<T>(condition: Condition<T>, patience: Patience): Promise<T> {
    return waitUntil(condition, { explain: () => this.explain(), ...patience });
  }

  /** Until nothing is under way: no open delivery, no payment or refund nobody knows about, no webhook in the air. */
  async quiet(timeoutMs = 30_000): Promise<void> {
    const isIdle = async () => {
      const [row] = await this.query<{ open: number }>(
        `SELECT ((SELECT count(*) FROM event_deliveries WHERE dead_at IS NULL)
               + (SELECT count(*) FROM payments WHERE status IN ('submitting', 'unknown'))
               + (SELECT count(*) FROM refunds WHERE status IN ('requested', 'submitting', 'unknown')))::integer AS open`,
      );
      return row?.open === 0;
    };
    // Idle twice: a webhook that arrives behind the first look is work by the second.
    const isQuiet = async () => (await isIdle()) && (await this.sandbox.webhooksWaiting()) === 0 && (await isIdle());
    await this.waitUntil(isQuiet, { what: 'everything to be quiet', timeoutMs });
  }

  /** The invariants of the books that do not hold now, each with how often; none is `{}`. */
  async violations(): Promise<Violations> {
    return violationsOf(this.database, { journal: await this.sandbox.journal(), mails: await this.sandbox.messages() });
  }

  async stop(): Promise<void> {
    await Promise.all(Object.values(this.programs).flatMap((all) => all.map((one) => one.kill('SIGKILL'))));
    await this.proxies?.database.close();
    await this.proxies?.redis.close();
    await this.database.drop();
  }

  private async explain(): Promise<string> {
    const open = await this.query(
      `SELECT e.name, d.* FROM event_deliveries AS d JOIN events AS e ON e.id = d.event_id`,
    );
    const payments = await this.query(`SELECT id, status, last_error, checks, next_check_at FROM payments
      WHERE status IN ('submitting', 'unknown', 'needs_review')`);
    const refunds = await this.query(`SELECT id, status, last_error, checks, next_check_at FROM refunds
      WHERE status IN ('requested', 'submitting', 'unknown')`);
    const logs = Object.values(this.programs).flatMap((all) => all.map((one) => one.lastLines(8)));
    return [
      `open deliveries: ${JSON.stringify(open)}`,
      `payments: ${JSON.stringify(payments)}`,
      `refunds: ${JSON.stringify(refunds)}`,
      ...logs,
    ].join('\n');
  }
}

export interface PaymentRow extends pg.QueryResultRow {
  readonly id: string;
  readonly status: string;
  readonly provider_payment_id: string | null;
  readonly captured_amount: number;
  readonly refunded_amount: number;
  readonly checks: number;
  /** Recovery should have looked at it a second ago. */
  readonly is_overdue: boolean;
}

/** Starts everything together and waits until all of it is ready: about three seconds. */
export async function startShop({
  web = 1,
  workers = 1,
  env = {},
  database: given,
  proxied = false,
  redisUrl: ownRedisUrl,
}: ShopOptions = {}): Promise<RunningShop> {
  const number = (shopsStarted += 1);
  if (number === 1) process.stdout.write(`${FACTORS}\n`);
  const database = given ?? (await seededDatabase());
  const redisUrl = ownRedisUrl ?? ownDatabaseOfRedis(number);
  await withRedis(redisUrl, (redis) => redis.flushdb());
  const pooled = throughPooler(database.databaseUrl);
  const proxies = proxied ? await proxiesFor(pooled.databaseUrl, redisUrl, proxied) : undefined;
  const databaseUrl = proxies?.database.through(pooled.databaseUrl) ?? pooled.databaseUrl;
  const productRedisUrl = proxies?.redis.through(redisUrl) ?? redisUrl;
  const [sandboxPort = 0, ...ports] = await freePorts(1 + web + workers);
  const urls = { databaseUrl, redisUrl: productRedisUrl, sandboxPort, webPort: ports[0] ?? 0 };
  const product = { ...environmentOf(urls), ...pooled.env, ...env };
  const programs = programsOf({
    product,
    env,
    ports,
    sandboxPort,
    web,
    folder: logFolder(number),
  });
  const shop = new RunningShop({ database, proxies, redisUrl, programs, webPorts: ports.slice(0, web), sandboxPort });
  try {
    await Promise.all(Object.values(programs).flatMap((all) => all.map((one) => one.start())));
    return shop;
  } catch (error) {
    await shop.stop();
    throw error;
  }
}
