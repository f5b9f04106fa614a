import { randomUUID } from 'node:crypto';
import { expectStatus } from '../support/client.js';
import { tell } from '../support/figures.js';
import { type RunningShop, startShop } from '../support/running-shop.js';
import { tampering } from '../support/tampering.js';

jest.setTimeout(240_000);

const ATTEMPTS_MAX = 8;
const DEATHS_MAX = 3;
const HEALTHY = 100;
/** On an idle machine it is well below a second. */
const LAG_MAX_SECONDS = 30;
const PATIENCE_MS = 60_000;

let shop: RunningShop;

beforeAll(async () => {
  // A worker is killed while a statement of its own runs: that one may take as long as the killing.
  const patient = { DATABASE_STATEMENT_TIMEOUT_MS: '60000', DATABASE_QUERY_TIMEOUT_MS: '65000' };
  const quick = { DELIVERY_REDISPATCH_MS: '1000', DELIVERY_BACKOFF_MS: '25' };
  shop = await startShop({ workers: 2, env: { ...quick, ...patient } });
});

afterAll(async () => {
  await shop?.stop();
});

interface Delivery {
  readonly attempts: number;
  readonly deaths: number;
  readonly isParked: boolean;
  readonly lastError: string | null;
}

async function deliveryOf(eventId: string): Promise<Delivery | undefined> {
  const [row] = await shop.query<Delivery>(
    `SELECT attempts, deaths, dead_at IS NOT NULL AS "isParked", last_error AS "lastError" FROM event_deliveries
      WHERE event_id = $1 AND subscriber = 'notifications'`,
    [eventId],
  );
  return row;
}

/** What was said, and to whoever is paged, when this delivery was parked. */
function alarmsAbout(eventId: string) {
  return shop.logged('worker').filter((line) => line.alarm === 'delivery-parked' && line.eventId === eventId);
}

/** An event for whoever makes notifications, as a release that we are not, or a mistake of ours, would have written it. */
async function append(name: string, payload: unknown): Promise<string> {
  const id = randomUUID();
  await shop.query(`SELECT append_event($1, $2, 1, NULL, $3, $4, '{}', '{notifications}')`, [
    id,
    `test-${id}`,
    name,
    JSON.stringify(payload),
  ]);
  return id;
}

async function annasId(): Promise<string> {
  return (await shop.query<{ id: string }>(`SELECT id FROM users WHERE email = 'anna@purser.test'`))[0]?.id ?? '';
}

describe('events that no handler can do anything with', () => {
  const POISON: [name: string, payload: unknown, attempts: number][] = [
    ['treasure.found', {}, 1],
    ['order.placed', null, ATTEMPTS_MAX],
    ['order.placed', { orderId: 'nonsense', userId: 'nonsense' }, ATTEMPTS_MAX],
    ['order.placed', { orderId: randomUUID(), userId: randomUUID() }, ATTEMPTS_MAX],
    ['payment.succeeded', {}, ATTEMPTS_MAX],
  ];

  /** All poison, each of which has failed once. */
  async function poisoned(): Promise<string[]> {
    const ids: string[] = [];
    for (const [name, payload] of POISON) ids.push(await append(name, payload));
    const hasFailed = async () => (await Promise.all(ids.map(deliveryOf))).every((one) => one?.lastError);
    await shop.waitUntil(hasFailed, { what: 'all poison to have failed once' });
    return ids;
  }

  async function healthy(count: number): Promise<string[]> {
    const userId = await annasId();
    const ids: string[] = [];
    for (let made = 0; made < count; made += 1) ids.push(await append('user.registered-again', { userId }));
    return ids;
  }

  it(`are parked after ${ATTEMPTS_MAX} attempts with an alarm, and delay none of ${HEALTHY} others`, async () => {
    const poison = await poisoned();
    const others = await healthy(HEALTHY);

    const sent = `SELECT extract(epoch FROM n.created_at - e.occurred_at)::float AS lag FROM notifications AS n
      JOIN events AS e ON e.id = n.fact_id WHERE n.fact_id = ANY ($1::uuid[]) AND n.status = 'sent' ORDER BY lag DESC`;
    const done = await shop.waitUntil(
      async () => {
        const rows = await shop.query<{ lag: number }>(sent, [others]);
        return rows.length === HEALTHY && rows;
      },
      { what: 'the others to be done', timeoutMs: PATIENCE_MS },
    );
    tell('P19', `longest lag of ${HEALTHY} beside ${POISON.length} poisoned: ${done[0]?.lag.toFixed(2)} s`);
    expect(done[0]?.lag).toBeLessThan(LAG_MAX_SECONDS);

    const isOver = async () => (await Promise.all(poison.map(deliveryOf))).every((one) => one?.isParked);
    await shop.waitUntil(isOver, { what: 'all poison to be parked', timeoutMs: PATIENCE_MS });
    for (const [index, id] of poison.entries()) {
      expect(await deliveryOf(id)).toMatchObject({ attempts: POISON[index]?.[2], deaths: 0 });
      const told = await shop.waitUntil(() => alarmsAbout(id), { what: 'the alarm' });
      expect(told).toMatchObject([{ level: 'CRITICAL', attempts: POISON[index]?.[2] }]);
    }
  });

  it('would hold up everything behind them if work were done strictly in order (control)', async () => {
    const [, first = ''] = await poisoned();
    await tampering.nothingOvertakes(shop);
    try {
      const others = await healthy(10);
      const isWellOn = async () => ((await deliveryOf(first))?.attempts ?? 0) >= ATTEMPTS_MAX / 2;
      await shop.waitUntil(isWellOn, { what: 'the poison to have been tried again and again' });
      const standing = await Promise.all(others.map(deliveryOf));
      expect(standing.map((one) => one?.attempts)).toEqual(others.map(() => 0));
    } finally {
      await tampering.deliveriesAsTheyWere(shop);
    }
    await shop.quiet(PATIENCE_MS);
  });
});

describe('work that kills its worker', () => {
  const HOLDS = `FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()`;

  /** A delivery whose effect does not end; whoever is at it is killed as soon as that is seen. */
  async function fatalWork(): Promise<string> {
    const [customer] = await shop.customers(1);
    const userId = customer && expectStatus(await customer.get('/v1/users/me'), 200).body.id;
    await shop.query(hanging('PERFORM pg_sleep(50);'));
    await shop.query(`CREATE TRIGGER fatal BEFORE INSERT ON notifications FOR EACH ROW
      WHEN (NEW.user_id = '${userId}') EXECUTE FUNCTION hang()`);
    return append('user.registered-again', { userId });
  }

  const hanging = (how: string) =>
    `CREATE OR REPLACE FUNCTION hang() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${how} RETURN NEW; END $$`;

  /** For whoever comes next at once; who hangs already is let go, or the trigger could not be dropped before its time is up. */
  async function harmless(): Promise<void> {
    await shop.query(hanging(''));
    await shop.query(`SELECT pg_terminate_backend(pid) ${HOLDS}`);
    await shop.query(`DROP FUNCTION hang CASCADE`);
  }

  /** Kills the worker that holds the work; false when it is parked instead. Another is started, as orchestrators do. */
  async function killsAgain(eventId: string, meanwhile: () => Promise<unknown>): Promise<boolean> {
    const holder = async () =>
      (await shop.query<{ pid: number; worker: string }>(`SELECT pid, application_name AS worker ${HOLDS}`))[0];
    const isParked = async () => (await deliveryOf(eventId))?.isParked;
    const seen = async () => ((await isParked()) ? 'parked' : await holder());
    const patience = { what: 'somebody to take the fatal work', timeoutMs: PATIENCE_MS };
    const found = await shop.waitUntil(seen, patience);
    if (found === 'parked') return false;
    const index = Number(found.worker.split('-')[1]);
    await shop.kill('worker', { index });
    await shop.query(`SELECT pg_terminate_backend($1)`, [found.pid]);
    const isGone = async () => (await shop.query(`SELECT 1 ${HOLDS} AND pid = $1`, [found.pid])).length === 0;
    await shop.waitUntil(isGone, { what: 'its connection to end' });
    await meanwhile();
    await shop.start('worker', index);
    return true;
  }

  /** The letter about an order of somebody else, which the workers that are left have to send. */
  async function letterIsSent(): Promise<void> {
    const { id } = await shop.order(await shop.as('ben@purser.test'));
    const sent = `SELECT 1 FROM notifications WHERE order_id = $1 AND status = 'sent'`;
    const isSent = async () => (await shop.query(sent, [id])).length > 0;
    await shop.waitUntil(isSent, { what: "somebody else's letter", timeoutMs: PATIENCE_MS });
  }

  it(`kills ${DEATHS_MAX} of them and is parked with an alarm, while the others' letters go out`, async () => {
    const eventId = await fatalWork();
    let deaths = 0;
    while (await killsAgain(eventId, letterIsSent)) deaths += 1;
    await harmless();

    expect(deaths).toBe(DEATHS_MAX);
    const parked = await deliveryOf(eventId);
    expect(parked).toMatchObject({ deaths: DEATHS_MAX, attempts: DEATHS_MAX + 1 });
    expect(parked?.lastError).toBe(`took ${DEATHS_MAX} workers down in ${DEATHS_MAX + 1} attempts`);
    const told = await shop.waitUntil(() => alarmsAbout(eventId), { what: 'the alarm' });
    expect(told).toMatchObject([{ level: 'CRITICAL', deaths: DEATHS_MAX }]);
    await shop.quiet(PATIENCE_MS);
  });

  it('would kill one after the other if nobody counted (control)', async () => {
    await tampering.deathsAreNotCounted(shop);
    const eventId = await fatalWork();
    try {
      for (let deaths = 0; deaths <= DEATHS_MAX; deaths += 1) {
        expect(await killsAgain(eventId, () => Promise.resolve())).toBe(true);
      }
      expect(await deliveryOf(eventId)).toMatchObject({ isParked: false, deaths: 0 });
    } finally {
      await harmless();
      await tampering.deliveriesAsTheyWere(shop);
    }
    await shop.quiet(PATIENCE_MS);
  });
});

it('a worker that stands still past its lease is overtaken, and its late end changes nothing', async () => {
  await shop.quiet(PATIENCE_MS);
  await shop.kill('worker', { index: 1 });
  await shop.sandbox.misbehave({ op: 'mail.send', effect: 'delay', ms: 120_000, times: 1, after: true });
  const { id } = await shop.order(await shop.as('ben@purser.test'));
  const isAsked = async () => (await shop.sandbox.hits())[0] === 1;
  await shop.waitUntil(isAsked, { what: 'the worker to be sending' });

  await shop.kill('worker', { index: 0, signal: 'SIGSTOP' });
  await shop.start('worker', 1);
  const letter = `SELECT id, ambiguous_sends AS "ambiguousSends" FROM notifications WHERE order_id = $1 AND status = 'sent'`;
  const [sent] = await shop.waitUntil(
    async () => {
      const rows = await shop.query<{ id: string; ambiguousSends: number }>(letter, [id]);
      return rows.length > 0 && rows;
    },
    { what: 'the other worker to have sent it', timeoutMs: PATIENCE_MS },
  );
  await shop.sandbox.behave();
  await shop.kill('worker', { index: 0, signal: 'SIGCONT' });
  // It ends when what it had begun has ended.
  await shop.kill('worker', { index: 0, signal: 'SIGTERM' });
  await shop.start('worker', 0);
  await shop.quiet(PATIENCE_MS);

  expect(sent?.ambiguousSends).toBe(1);
  const begun = (await shop.sandbox.messages()).filter(({ customArgs }) => customArgs['notificationId'] === sent?.id);
  expect(begun).toHaveLength(2);
  const stream = `notification-${sent?.id}`;
  const events = await shop.query(`SELECT name FROM events WHERE stream = $1 ORDER BY version`, [stream]);
  expect(events).toEqual([{ name: 'notification.queued' }, { name: 'notification.sent' }]);
  expect(await shop.query(letter, [id])).toEqual([sent]);
});
