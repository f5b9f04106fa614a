import type { Job } from 'bull';
import type { DispatchedDelivery } from '../../src/platform/events/deliveries.repository.js';
import { waitUntil } from '../support/wait.js';
import { p95, timed } from '../integration/cache.support.js';
import { ShopWindow } from '../integration/shop-window.support.js';

const FRESH_WITHIN_MS = 2_000;
const DOWN_MAX_MS = 300;
const CHANGES = 10;

describe('after an admin’s change', () => {
  let shop: ShopWindow;

  beforeEach(async () => {
    shop = await ShopWindow.open();
  });

  afterEach(() => shop.close());

  it(`no reply is older than ${FRESH_WITHIN_MS} ms`, async () => {
    await shop.startWorker();
    const id = await shop.product();
    await shop.quiet();
    const waits: number[] = [];
    for (let unitAmount = 1; unitAmount <= CHANGES; unitAmount += 1) {
      await shop.priceOf(id);
      await shop.reprice(id, unitAmount);
      const isNew = async () => (await shop.priceOf(id)) === unitAmount;
      waits.push(await timed(() => waitUntil(isNew, { what: 'the new price', timeoutMs: 10_000 })));
    }
    expect(Math.max(...waits)).toBeLessThan(FRESH_WITHIN_MS);
  });

  it('replies stay old when nobody invalidates: the control', async () => {
    const id = await shop.product();
    expect(await shop.priceOf(id)).toBe(1_490);
    await shop.reprice(id, 1_590);
    await new Promise((resolve) => setTimeout(resolve, FRESH_WITHIN_MS));
    expect(await shop.priceOf(id)).toBe(1_490);
  });

  it('new products and new stock are seen as well; what orders take is not', async () => {
    await shop.startWorker();
    const id = await shop.product();
    await shop.quiet();
    const seen = async () => (await shop.visitor.get('/v1/products')).body.data.map(({ available }) => available);
    expect(await seen()).toEqual([0]);
    await shop.admin.post(`/v1/products/${id}/stock-adjustments`, { body: { delta: 5, reason: 'a delivery' } });
    await shop.product();
    await shop.quiet();
    expect(await seen()).toEqual([5, 0]);

    await shop.db.query(`UPDATE products SET stock_on_hand = 4 WHERE id = $1`, [id]);
    await shop.quiet();
    expect(await seen()).toEqual([5, 0]);
  });

  it('an invalidation Redis does not take is due again in a second, as often as it needs', async () => {
    const id = await shop.product();
    await shop.db.query(`DELETE FROM event_deliveries`);
    expect(await shop.priceOf(id)).toBe(1_490);
    await shop.reprice(id, 1_590);
    const ears = shop.ears();
    const deliveries = `SELECT event_id AS "eventId", subscriber, attempts, dead_at IS NOT NULL AS "isParked",
      extract(epoch FROM available_at - now())::float AS "dueInSeconds" FROM event_deliveries`;
    const [data] = await shop.db.query<DispatchedDelivery>(deliveries);
    const job = { data } as Job<DispatchedDelivery>;

    shop.proxies.redis.become('refuse');
    for (let attempt = 0; attempt < 10; attempt += 1) await ears.hear(job);
    const [waiting] = await shop.db.query<{ dueInSeconds: number }>(deliveries);
    expect(waiting).toMatchObject({ subscriber: 'catalogue-cache', attempts: 0, isParked: false });
    expect(waiting?.dueInSeconds).toBeGreaterThan(0);
    expect(waiting?.dueInSeconds).toBeLessThanOrEqual(1);

    shop.proxies.redis.become('pass');
    await waitUntil(
      async () => {
        await ears.hear(job);
        return (await shop.db.query(deliveries)).length === 0;
      },
      { what: 'the invalidation' },
    );
    expect(await shop.priceOf(id)).toBe(1_590);
  });
});

describe.each(['refuse', 'blackhole'] as const)('without Redis (%s)', (mode) => {
  let hasty: ShopWindow;

  beforeEach(async () => {
    hasty = await ShopWindow.open({ settings: {} });
  });

  afterEach(() => hasty.close());

  it(`the answers are the same, from PostgreSQL, within ${DOWN_MAX_MS} ms`, async () => {
    const id = await hasty.product();
    const paths = [`/v1/products/${id}`, '/v1/products?limit=50'];
    const before = await Promise.all(paths.map((path) => hasty.visitor.get(path)));
    hasty.proxies.redis.become(mode);
    const taken: number[] = [];
    for (let round = 0; round < 40; round += 1) {
      for (const [index, path] of paths.entries()) {
        const ask = async () => {
          const { status, text } = await hasty.visitor.get(path);
          expect([status, text]).toEqual([200, before[index]?.text]);
        };
        taken.push(await timed(ask));
      }
    }
    expect(p95(taken)).toBeLessThan(DOWN_MAX_MS);
  });
});
