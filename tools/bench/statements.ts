import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { Fixture } from './fixture.js';
import { placements, type Headers } from './requests.js';
import { countedStatements } from '../../test/support/statement-budget.js';
import type { Setting } from './setting.js';
import type { Contestants } from './shop.js';

const PURCHASES = 5;
const QUIET_MAX_MS = 60_000;
const LOOK_MS = 100;
/** The server passes a changed setting on to its sessions; they heed it before their next statement. */
const RELOAD_MS = 300;

/** PostgreSQL's log indents the lines of a statement behind its first by a tab. */
const STATEMENT = /LOG: {2}(?:execute [^:]*|statement): (.*(?:\n\t.*)*)/g;

/** Marks the statements of the bench itself. */
const OURS = '/* bench */';
const OPEN = `${OURS} SELECT count(*)::integer AS open FROM event_deliveries`;

interface Shop {
  readonly contestants: Contestants;
  readonly fixture: Fixture;
  readonly headers: Headers;
}

/**
 * How many SQL statements it takes to place an order and to pay it, and a whole purchase with its webhooks and letters,
 * read from the server's own log: the worst of a few purchases, one after the other while nobody else is served. BEGIN,
 * COMMIT and what is asked all the time whether anybody buys or not are left out.
 */
export async function countStatements(setting: Setting, shop: Shop) {
  const client = new pg.Client({ connectionString: setting.superuserUrl });
  await client.connect();
  try {
    await setWebhooks(shop, { paused: true });
    const placeAndPay = await worst(client, () => countRequests(setting.postgresLog, shop));
    await setWebhooks(shop, {});
    const worker = await shop.contestants.startWorker();
    // Once before it counts: connections, and the first look at everything.
    await buy(shop);
    await untilQuiet(client, shop.contestants.sandboxUrl);
    const wholePurchase = await worst(client, () => countUntilQuiet(client, setting.postgresLog, shop));
    await worker.stop();
    return { placeAndPay, wholePurchase };
  } finally {
    await client.end();
  }
}

async function worst(client: pg.Client, count: () => Promise<number>): Promise<number> {
  await logAll(client, true);
  try {
    const counts: number[] = [];
    for (let purchase = 0; purchase < PURCHASES; purchase++) counts.push(await count());
    return Math.max(...counts);
  } finally {
    await logAll(client, false);
  }
}

async function logAll(client: pg.Client, isOn: boolean): Promise<void> {
  await client.query(isOn ? `ALTER SYSTEM SET log_statement = 'all'` : 'ALTER SYSTEM RESET log_statement');
  await client.query('SELECT pg_reload_conf()');
  await pause(RELOAD_MS);
}

async function countRequests(log: string, shop: Shop): Promise<number> {
  const before = readFileSync(log, 'utf8').length;
  await buy(shop);
  return statementsSince(log, before);
}

async function countUntilQuiet(client: pg.Client, log: string, shop: Shop): Promise<number> {
  const before = readFileSync(log, 'utf8').length;
  await buy(shop);
  await untilQuiet(client, shop.contestants.sandboxUrl);
  return statementsSince(log, before);
}

function statementsSince(log: string, before: number): number {
  const written = readFileSync(log, 'utf8').slice(before);
  const statements = [...written.matchAll(STATEMENT)].map(([, sql = '']) => sql);
  return countedStatements({ statements: statements.filter((sql) => !sql.includes(OURS)) }).length;
}

async function buy({ contestants: { webUrl }, fixture, headers }: Shop): Promise<void> {
  const [placement] = placements(fixture, headers)(0);
  const { id } = await send(`${webUrl}/v1/orders`, { headers, body: placement?.body ?? '' });
  const body = '{"paymentMethod":"card","paymentMethodId":"pm_card_visa"}';
  await send(`${webUrl}/v1/orders/${id}/payments`, { headers, body });
}

/** The provider's word of a payment is heard by the same server, and belongs to the whole purchase. */
async function setWebhooks({ contestants: { sandboxUrl } }: Shop, settings: object): Promise<void> {
  const body = JSON.stringify(settings);
  await fetch(`${sandboxUrl}/_sandbox/webhooks`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body,
  });
}

/** Until every letter is sent, and every event of the provider has been heard and understood. */
async function untilQuiet(client: pg.Client, sandboxUrl: string): Promise<void> {
  for (const end = Date.now() + QUIET_MAX_MS; Date.now() < end; await pause(LOOK_MS)) {
    const { waiting } = (await (await fetch(`${sandboxUrl}/_sandbox/webhooks`)).json()) as { waiting: number };
    const { rows } = await client.query<{ open: number }>(OPEN);
    if (waiting === 0 && rows[0]?.open === 0) return;
  }
  throw new Error('the purchase did not come to its end');
}

async function send(url: string, { headers, body }: { headers: Headers; body: string }): Promise<{ id: string }> {
  const own = { 'content-type': 'application/json', 'idempotency-key': randomUUID() };
  const reply = await fetch(url, { method: 'POST', headers: { ...headers, ...own }, body });
  if (reply.status !== 201) throw new Error(`${url}: ${reply.status} ${await reply.text()}`);
  return (await reply.json()) as { id: string };
}
