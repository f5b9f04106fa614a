import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { Fixture } from './fixture.js';
import { placements, type Headers } from './requests.js';
import type { Setting } from './setting.js';

const PURCHASES = 5;
/** The server passes a changed setting on to its sessions; they heed it before their next statement. */
const RELOAD_MS = 300;

const STATEMENT = /LOG: {2}(?:execute [^:]*|statement): (.*)/g;
const FRAME = /^\s*(?:BEGIN|START TRANSACTION|COMMIT|ROLLBACK)\b/i;

/**
 * How many SQL statements it takes to place an order and to pay it, BEGIN and COMMIT aside, read from the server's own
 * log: the worst of a few purchases, made one after the other while nobody else is served.
 */
export async function countStatements(setting: Setting, shop: { webUrl: string; fixture: Fixture; headers: Headers }) {
  const client = new pg.Client({ connectionString: setting.superuserUrl });
  await client.connect();
  try {
    await logAll(client, true);
    const counts: number[] = [];
    for (let purchase = 0; purchase < PURCHASES; purchase++) counts.push(await countOne(setting.postgresLog, shop));
    return Math.max(...counts);
  } finally {
    await logAll(client, false);
    await client.end();
  }
}

async function logAll(client: pg.Client, isOn: boolean): Promise<void> {
  await client.query(isOn ? `ALTER SYSTEM SET log_statement = 'all'` : 'ALTER SYSTEM RESET log_statement');
  await client.query('SELECT pg_reload_conf()');
  await pause(RELOAD_MS);
}

async function countOne(log: string, shop: { webUrl: string; fixture: Fixture; headers: Headers }): Promise<number> {
  const before = readFileSync(log, 'utf8').length;
  const [placement] = placements(shop.fixture, shop.headers)(0);
  const { id } = await send(`${shop.webUrl}/v1/orders`, { headers: shop.headers, body: placement?.body ?? '' });
  const payment = { headers: shop.headers, body: '{"paymentMethod":"card","paymentMethodId":"pm_card_visa"}' };
  await send(`${shop.webUrl}/v1/orders/${id}/payments`, payment);
  const written = readFileSync(log, 'utf8').slice(before);
  return [...written.matchAll(STATEMENT)].filter(([, sql = '']) => !FRAME.test(sql)).length;
}

async function send(url: string, { headers, body }: { headers: Headers; body: string }): Promise<{ id: string }> {
  const own = { 'content-type': 'application/json', 'idempotency-key': randomUUID() };
  const reply = await fetch(url, { method: 'POST', headers: { ...headers, ...own }, body });
  if (reply.status !== 201) throw new Error(`${url}: ${reply.status} ${await reply.text()}`);
  return (await reply.json()) as { id: string };
}
