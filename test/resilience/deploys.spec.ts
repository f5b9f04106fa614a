import Bull from 'bull';
import { Balancer } from '../support/balancer.js';
import type { Client } from '../support/client.js';
import { tell } from '../support/figures.js';
import { type RunningShop, startShop } from '../support/running-shop.js';
import type { Role } from '../support/shop-programs.js';
import { SteadyLoad } from '../support/steady-load.js';
import { seconds } from './outage.story.js';

jest.setTimeout(240_000);

const BUYERS = 3;
/** Production's drain, divided by two and a half; the balancer needs a fifth of it, and a busy machine may need more. */
const DRAIN_MS = 4_000;
const NOTICE_MS = 800;
/** Of SHUTDOWN_DEADLINE_MS: who ends later was ended by it. */
const DEADLINE_MS = 25_000;

let shop: RunningShop;
let balancer: Balancer;
let productId: string;

beforeAll(async () => {
  // Production's lease: only work that was really left behind is taken over, not that of a busy machine.
  const env = { SHUTDOWN_DRAIN_MS: String(DRAIN_MS), DELIVERY_LEASE_MS: '30000' };
  shop = await startShop({ web: 2, workers: 2, env });
  balancer = await Balancer.before(shop.webs, { noticeMs: NOTICE_MS });
  productId = (await shop.product({ stock: 100_000 })).id;
  await inService(0);
  await inService(1);
});

afterAll(async () => {
  await balancer?.close();
  await shop?.stop();
});

function inService(index: number): Promise<unknown> {
  return shop.waitUntil(() => balancer.isInService(index), { what: 'the balancer to send requests there' });
}

async function load(): Promise<SteadyLoad> {
  const customers = await shop.customers(BUYERS);
  const buyers = customers.map((buyer: Client) => buyer.at([balancer.url]));
  const started = new SteadyLoad({ buyers, productId, payEvery: 4 });
  await shop.waitUntil(() => started.acknowledged.length >= BUYERS, { what: 'the load to run' });
  return started;
}

/** What orchestrators do: ask it to end, wait for that, start the next version in its place. */
async function replace(role: Role, index: number, env: Record<string, string> = {}) {
  const askedAt = performance.now();
  const code = await shop.kill(role, { index, signal: 'SIGTERM' });
  const tookMs = performance.now() - askedAt;
  await shop.start(role, index, env);
  return { code, tookMs };
}

describe('every process is replaced under load', () => {
  it('and not one request fails; no job is left half done, and nobody needed to be killed', async () => {
    await shop.query(`CREATE TABLE abandoned (event_id uuid)`);
    await shop.query(`CREATE FUNCTION note_abandoned() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
      $$ BEGIN INSERT INTO abandoned VALUES (NEW.event_id); RETURN NEW; END $$`);
    await shop.query(`CREATE TRIGGER note_abandoned AFTER UPDATE ON event_deliveries FOR EACH ROW
      WHEN (NEW.deaths > OLD.deaths) EXECUTE FUNCTION note_abandoned()`);
    const running = await load();
    const ends = [];
    for (const index of [0, 1]) {
      ends.push(...(await Promise.all([replace('web', index), replace('worker', index)])));
      await inService(index);
    }
    await running.stop();
    await shop.quiet(60_000);

    expect([running.failures, running.refused, balancer.lost]).toEqual([[], 0, 0]);
    expect(ends.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    const longestMs = Math.max(...ends.map(({ tookMs }) => tookMs));
    expect(longestMs).toBeLessThan(DEADLINE_MS);
    expect(await shop.query(`SELECT * FROM abandoned`)).toEqual([]);
    expect(await shop.violations()).toEqual({});
    const figures = `${running.answered} requests, 0 failed, ${running.acknowledged.length} orders, 0 jobs abandoned`;
    tell('P49', `2 webs and 2 workers replaced: ${figures}, gone after ${seconds(longestMs)} at most`);
  });

  it('and requests fail when a server does not wait until that was noticed (control)', async () => {
    await replace('web', 0, { SHUTDOWN_DRAIN_MS: '0' });
    await inService(0);
    const running = await load();
    await replace('web', 0);
    await running.stop();
    expect(balancer.lost).toBeGreaterThan(0);
    await inService(0);
  });
});

describe('a job handed over by another version', () => {
  /** Work that the dispatcher leaves alone, so that only a job of ours gets it done. */
  async function heldBack(): Promise<{ eventId: string; subscriber: string }> {
    const order = await shop.order(await shop.as('anna@purser.test'));
    await shop.quiet();
    const [work] = await shop.query<{ eventId: string; subscriber: string }>(
      `INSERT INTO event_deliveries (event_id, subscriber, available_at)
       SELECT id, 'notifications', 'infinity' FROM events WHERE order_id = $1 AND name = 'order.placed'
       RETURNING event_id AS "eventId", subscriber`,
      [order.id],
    );
    if (!work) throw new Error('no order was placed');
    return work;
  }

  async function isDone(eventId: string): Promise<boolean> {
    return (await shop.query(`SELECT 1 FROM event_deliveries WHERE event_id = $1`, [eventId])).length === 0;
  }

  let queue: Bull.Queue;

  beforeAll(() => {
    queue = new Bull('notifications', shop.redisUrl, { prefix: 'purser' });
  });

  afterAll(() => queue.close());

  it.each([
    ['names the delivery and nothing else', ({ eventId, subscriber }: Named) => ({ eventId, subscriber })],
    ['counts from before a replay', (named: Named) => ({ ...named, attempts: 7 })],
    ['says more than we know', (named: Named) => ({ ...named, attempts: 0, priority: 'high', trace: { id: 'x' } })],
  ])('is done when it %s', async (_how, written) => {
    const work = await heldBack();
    await queue.add(written(work));
    await shop.waitUntil(() => isDone(work.eventId), { what: 'the work to be done' });
  });

  it('is not done when it does not say what to do (control)', async () => {
    const work = await heldBack();
    const job = await queue.add({ event: work.eventId });
    await job.finished().catch(() => undefined);
    expect(await isDone(work.eventId)).toBe(false);
    await shop.query(`UPDATE event_deliveries SET available_at = now() WHERE event_id = $1`, [work.eventId]);
    await shop.quiet();
  });
});

interface Named {
  readonly eventId: string;
  readonly subscriber: string;
}
