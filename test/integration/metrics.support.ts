import type { NestExpressApplication } from '@nestjs/platform-express';
import request from 'supertest';
import { createWeb } from '../../src/app/web.bootstrap.js';
import type { Role } from '../../src/contracts/roles.js';
import { AccessTokens } from '../../src/platform/auth/access-tokens.js';
import { testConfig } from '../support/config.js';
import { newId } from '../../src/shared/ids.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { emptyRedis, testRedisUrl } from './problem.support.js';

export const METRICS_TOKEN = 'metrics-token-of-this-test-run-01';

const LINE = /^([a-zA-Z_][a-zA-Z0-9_]*)(?:\{((?:[a-z]+="(?:[^"\\\n]|\\.)*",?)+)\})? (-?[0-9.e+-]+|NaN|[+-]Inf)$/;
const COMMENT = /^# (HELP|TYPE) [a-zA-Z_][a-zA-Z0-9_]* .+$/;

/** What Prometheus reads from a text. Throws where it would refuse. */
export class Scrape {
  private readonly values = new Map<string, number>();

  constructor(readonly text: string) {
    if (!text.endsWith('\n')) throw new Error('the last line has no end');
    for (const line of text.trimEnd().split('\n')) this.read(line);
  }

  /** By name and labels as they are written, for example `up{job="x"}`. */
  value(series: string): number | undefined {
    return this.values.get(series);
  }

  get series(): string[] {
    return [...this.values.keys()];
  }

  /** Names of metrics, as their TYPE lines say. */
  get names(): string[] {
    return [...this.text.matchAll(/^# TYPE (\w+) /gm)].map(([, name = '']) => name);
  }

  private read(line: string): void {
    if (COMMENT.test(line)) return;
    const parts = LINE.exec(line);
    if (!parts) throw new Error(`no line of the text format: ${line}`);
    const series = line.slice(0, line.lastIndexOf(' '));
    if (this.values.has(series)) throw new Error(`twice: ${series}`);
    this.values.set(series, Number(parts[3]?.replace('Inf', 'Infinity')));
  }
}

/** The whole web server on a database of its own. */
export class Shopfront {
  private constructor(
    readonly app: NestExpressApplication,
    readonly db: TestDatabase,
  ) {}

  static async open(given: Readonly<Record<string, string>> = {}): Promise<Shopfront> {
    const db = await createTestDatabase();
    await emptyRedis();
    const config = testConfig({
      APP_ENV: 'test',
      LOG_LEVEL: 'CRITICAL',
      DATABASE_URL: db.databaseUrl,
      REDIS_URL: testRedisUrl(),
      SHUTDOWN_DRAIN_MS: '0',
      METRICS_TOKEN,
      METRICS_CACHE_MS: '1',
      ...given,
    });
    const app = await createWeb(config);
    await app.listen(0, '127.0.0.1');
    return new Shopfront(app, db);
  }

  async close(): Promise<void> {
    await this.app.close();
    await this.db.drop();
  }

  get(path: string, token?: string): request.Test {
    const asked = request(this.app.getHttpServer()).get(path);
    return token === undefined ? asked : asked.set('Authorization', `Bearer ${token}`);
  }

  async scrape(): Promise<Scrape> {
    return new Scrape((await this.get('/metrics', METRICS_TOKEN).expect(200)).text);
  }

  /** An access token of somebody with these roles, who is logged in. */
  async tokenOf(...roles: Role[]): Promise<string> {
    const [userId, sessionId] = [newId(), newId()];
    const email = `${userId}@purser.test`;
    await this.db.query(`INSERT INTO users (id, email, password_hash, roles) VALUES ($1, $2, 'x', $3)`, [
      userId,
      email,
      roles,
    ]);
    await this.db.query(
      `INSERT INTO sessions (id, user_id, seed, expires_at) VALUES ($1, $2, 'x', now() + interval '1 hour')`,
      [sessionId, userId],
    );
    return this.app.get(AccessTokens, { strict: false }).issue({ userId, email, roles, sessionId }).accessToken;
  }
}
