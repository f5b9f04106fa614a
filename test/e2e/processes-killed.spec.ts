import { newKey } from '../support/client.js';
import { type RunningShop, startShop } from '../support/running-shop.js';
import type { Fault } from '../support/sandbox.js';
import { tampering } from '../support/tampering.js';

jest.setTimeout(180_000);

const ORDERS = 12;
const KILLS = 3;

let shop: RunningShop;
/** Recovery never looks, and what was handed to Redis once is never handed out again. */
let careless: RunningShop;

beforeAll(async () => {
  shop = await startShop();
  careless = await startShop({ env: { RECOVERY_POLL_MS: '3600000' } });
  await tampering.acknowledgedAtDispatch(careless);
});

afterAll(async () => {
  await Promise.all([shop?.stop(), careless?.stop()]);
});

describe('the web process is killed while a payment is under way', () => {
  /** The provider holds the request, or its reply, while the process dies; no webhook tells us how it went. */
  async function killedWhile(where: RunningShop, hold: Omit<Fault, 'op' | 'effect' | 'ms' | 'times'>) {
    await where.sandbox.webhooks({ lose: 1 });
    const buyer = await where.as('anna@purser.test');
    const order = await where.order(buyer);
    const key = newKey();
    await where.sandbox.misbehave({ op: 'payment_intents.create', effect: 'delay', ms: 60_000, times: 1, ...hold });
    const broken = buyer.pay(order.id, { key });
    await where.waitUntil(async () => (await where.sandbox.hits())[0] === 1, { what: 'the provider to be asked' });
    await where.kill('web');
    expect((await broken).status).toBe(0);
    await where.sandbox.behave();
    expect((await where.payments(order.id)).map(({ status }) => status)).toEqual(['submitting']);
    await where.start('web');
    return { buyer, order, key };
  }

  it.each<[string, Omit<Fault, 'op' | 'effect' | 'ms' | 'times'>]>([
    ['before the provider has charged', {}],
    ['after the provider has charged', { after: true }],
  ])('%s: recovery finishes it with one capture, and the key tells how it went', async (_when, hold) => {
    const { buyer, order, key } = await killedWhile(shop, hold);

    const final = (await buyer.payUntilFinal(order.id, { key })).at(-1);
    await shop.quiet();

    expect(final).toMatchObject({ status: 201, body: { status: 'succeeded', orderId: order.id } });
    expect(await shop.sandbox.captures({ orderId: order.id })).toHaveLength(1);
    expect(await shop.payments(order.id)).toHaveLength(1);
    expect(await shop.orderStatus(order.id)).toBe('completed');
    expect(await shop.violations()).toEqual({});
  });

  it('would stay open for ever without recovery (control)', async () => {
    const { order } = await killedWhile(careless, { after: true });

    await careless.waitUntil(async () => (await careless.payments(order.id))[0]?.is_overdue, {
      what: 'the moment recovery would have asked',
    });

    const violations = await careless.violations();
    expect(violations).toMatchObject({ 'stuck payments': 1, 'captures without a payment (stray money)': 1 });
  });
});

/** Orders that are paid, with all their letters still to be written: the mail provider answers slowly. */
async function paidOrders(where: RunningShop): Promise<void> {
  await where.sandbox.webhooks({});
  await where.sandbox.misbehave({ op: 'mail.send', effect: 'delay', ms: 150 });
  const buyer = await where.as('ben@purser.test');
  const { id: productId } = await where.product();
  const one = async () => buyer.pay((await buyer.place([{ productId, quantity: 1 }])).id);
  const replies = await Promise.all(Array.from({ length: ORDERS }, one));
  expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 201));
}

async function openDeliveries(where: RunningShop): Promise<number> {
  const [row] = await where.query<{ open: number }>(`SELECT count(*)::integer AS open FROM event_deliveries`);
  return row?.open ?? 0;
}

describe('the worker is killed in the middle of its work', () => {
  it('hands a job out again whose worker died before it had claimed it', async () => {
    await shop.query(`CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN PERFORM pg_sleep(30); RETURN NEW; END $$`);
    await shop.query(`CREATE TRIGGER dawdle BEFORE UPDATE ON event_deliveries FOR EACH ROW
      WHEN (NEW.attempts > OLD.attempts) EXECUTE FUNCTION dawdle()`);
    await shop.order(await shop.as('ben@purser.test'));
    const claiming = `FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()`;
    const isClaiming = async () => (await shop.query(`SELECT 1 ${claiming}`)).length > 0;
    await shop.waitUntil(isClaiming, { what: 'the worker to claim' });
    await shop.kill('worker');
    await shop.query(`SELECT pg_terminate_backend(pid) ${claiming}`);
    await shop.query(`DROP TRIGGER dawdle ON event_deliveries`);

    await shop.start('worker');

    await shop.quiet(15_000);
    expect(await shop.violations()).toEqual({});
  });

  async function killedRepeatedly(where: RunningShop): Promise<number> {
    await paidOrders(where);
    let kills = 0;
    for (; kills < KILLS; kills += 1) {
      const isWorking = `SELECT 1 FROM event_deliveries WHERE leased_until > now() LIMIT 1`;
      await where.waitUntil(async () => (await where.query(isWorking)).length > 0, { what: 'the worker to work' });
      await where.kill('worker');
      if ((await openDeliveries(where)) === 0) break;
      await where.start('worker');
    }
    await where.sandbox.behave();
    return kills;
  }

  it('writes every receipt once, and leaves no work undone', async () => {
    expect(await killedRepeatedly(shop)).toBe(KILLS);
    await shop.quiet(90_000);

    // A letter under way when its worker died may go out a second time: nobody can know, and its row says so.
    expect(await shop.violations()).toEqual({});
  });
});

describe('Redis forgets everything while work is in flight', () => {
  async function flushedRepeatedly(where: RunningShop): Promise<number> {
    await paidOrders(where);
    let hit = 0;
    for (let flush = 0; flush < 5; flush += 1) {
      const before = await openDeliveries(where);
      if (before === 0) break;
      hit += 1;
      await where.flushRedis();
      await where.waitUntil(async () => (await openDeliveries(where)) < before, { what: 'work to go on' });
    }
    await where.sandbox.behave();
    return hit;
  }

  it('does all of it all the same, each once', async () => {
    const before = await shop.violations();
    expect(await flushedRepeatedly(shop)).toBeGreaterThanOrEqual(3);
    await shop.quiet(90_000);

    expect(await shop.violations()).toEqual(before);
  });

  it('would lose work if handing it to Redis counted as done (control)', async () => {
    await paidOrders(careless);
    await careless.waitUntil(async () => (await openDeliveries(careless)) > ORDERS / 2, { what: 'work in flight' });

    await careless.flushRedis();
    const isHandedOut = `SELECT 1 FROM event_deliveries WHERE available_at < 'infinity' LIMIT 1`;
    await careless.waitUntil(async () => (await careless.query(isHandedOut)).length === 0, { what: 'every hand-over' });
    await careless.kill('worker');
    await careless.start('worker');

    const violations = await careless.violations();
    expect(violations['open deliveries']).toBeGreaterThan(0);
    const { 'completed orders without exactly one receipt': unwritten = 0, 'notifications not sent': unsent = 0 } =
      violations;
    expect(unwritten + unsent).toBeGreaterThan(0);
  });
});
