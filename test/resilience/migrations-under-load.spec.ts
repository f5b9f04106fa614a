import pg from 'pg';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { ALL_MIGRATIONS } from '../../migrations/all-migrations.js';
import { migrate } from '../../src/app/tasks/migrate.task.js';
import { readConfig } from '../../src/platform/config/config.js';
import { tell } from '../support/figures.js';
import { type RunningShop, startShop } from '../support/running-shop.js';
import { environmentOf } from '../support/shop-environment.js';
import { SteadyLoad } from '../support/steady-load.js';

jest.setTimeout(180_000);

const BUYERS = 3;
const TABLES = [
  'users',
  'sessions',
  'products',
  'orders',
  'order_items',
  'payments',
  'idempotency_keys',
  'events',
].concat([
  'event_deliveries',
  'notifications',
  'ledger_transactions',
  'ledger_entries',
  'webhook_inbox',
  'provider_calls',
]);

/** What a next release may do: every table gets something that this version does not know. */
class WidenEverything2000000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) await runner.query(`ALTER TABLE ${table} ADD COLUMN of_the_next_release text`);
  }

  async down(): Promise<void> {
    // Nobody goes back here.
  }
}

/** The same for one table, by somebody who waits as long as it takes. */
class WaitStubbornly2000000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`SET LOCAL lock_timeout = '20s'`);
    await runner.query(`ALTER TABLE orders ADD COLUMN of_another_release text`);
  }

  async down(): Promise<void> {
    // Nobody goes back here.
  }
}

let shop: RunningShop;
let productId: string;

beforeAll(async () => {
  shop = await startShop();
  productId = (await shop.product({ stock: 100_000 })).id;
});

afterAll(() => shop?.stop());

function release(next: new () => MigrationInterface): Promise<string[]> {
  const { databaseUrl, migratorUrl } = shop.database;
  const places = { databaseUrl, redisUrl: shop.redisUrl, sandboxPort: 1, webPort: 1 };
  const config = readConfig({ ...environmentOf(places), DATABASE_MIGRATOR_URL: migratorUrl });
  return migrate(config, [...ALL_MIGRATIONS, next]);
}

/** As a report does that runs for an hour. */
async function longReader(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: shop.database.superuserUrl });
  await client.connect();
  await client.query('BEGIN');
  await client.query('SELECT count(*) FROM orders');
  return client;
}

/** Every time a change of tables began to wait for the reader, as seen so far. */
async function noteWaits(seen: Set<string>): Promise<number> {
  const rows = await shop.query<{ began: string }>(
    `SELECT query_start::text AS began FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE 'ALTER TABLE%'`,
  );
  for (const { began } of rows) seen.add(began);
  return seen.size;
}

async function load(): Promise<SteadyLoad> {
  const running = new SteadyLoad({ buyers: await shop.customers(BUYERS), productId, payEvery: 2 });
  await more(running);
  return running;
}

function more(running: SteadyLoad): Promise<unknown> {
  const enough = running.acknowledged.length + 4 * BUYERS;
  return shop.waitUntil(() => running.acknowledged.length >= enough, { what: 'orders' });
}

describe('a release changes tables under load, with a long reader in its way', () => {
  it('and gives up and comes again, while the version before serves everybody, then and afterwards', async () => {
    const running = await load();
    const reader = await longReader();
    const released = release(WidenEverything2000000000001);
    const waits = new Set<string>();
    await shop.waitUntil(async () => (await noteWaits(waits)) >= 3, { what: 'the change to be tried three times' });
    await more(running);
    await reader.end();
    expect(await released).toEqual([WidenEverything2000000000001.name]);
    await more(running);
    await running.stop();
    await shop.quiet(60_000);

    expect([running.failures, running.refused]).toEqual([[], 0]);
    expect((await shop.visitor.get('/health/ready')).status).toBe(200);
    expect(await shop.violations()).toEqual({});
    tell('P32', `${waits.size} tries behind a reader: ${running.answered} requests of the version before, 0 failed`);
  });

  it('and would stop the shop if it waited as long as it takes (control)', async () => {
    const running = await load();
    const reader = await longReader();
    const released = release(WaitStubbornly2000000000002);
    await shop.waitUntil(() => running.refused > 0, { what: 'somebody to be turned away' });
    await reader.end();
    await released;
    await running.stop();
    expect(running.failures).toEqual([]);
  });
});
