import { type Client, expectStatus, newKey } from '../support/client.js';
import { type RunningShop, startShop } from '../support/running-shop.js';
import { tampering } from '../support/tampering.js';

jest.setTimeout(120_000);

const RACES = 100;
const AT_ONCE = 10;
const STOCK = 1_000;
/** How long the provider thinks about a charge: about as long as cancelling takes. */
const CHARGE_MS = 40;

const IN_HARMONY = ['completed, paid by succeeded', 'cancelled, unpaid'];

let shop: RunningShop;
/** Cancels without looking at the payment under way. */
let careless: RunningShop;

beforeAll(async () => {
  shop = await startShop({ web: 2 });
  careless = await startShop();
  await tampering.cancellingLooksAway(careless);
});

afterAll(async () => {
  await Promise.all([shop?.stop(), careless?.stop()]);
});

interface Shelf {
  readonly where: RunningShop;
  readonly buyer: Client;
  readonly productId: string;
}

async function aShelf(where: RunningShop): Promise<Shelf> {
  const [buyer, product] = [await where.as('anna@purser.test'), await where.product({ stock: STOCK })];
  return { where, buyer, productId: product.id };
}

/** Now the one is a little earlier, now the other. */
function atOnce<A, B>(one: () => Promise<A>, other: () => Promise<B>): Promise<[A, B]> {
  const leadMs = (Math.random() - 0.5) * 3 * CHARGE_MS;
  const after = (ms: number) => new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
  return Promise.all([after(leadMs).then(one), after(-leadMs).then(other)]);
}

/** Cancels and pays one order at the same moment; what both were told. */
async function race({ where, buyer, productId }: Shelf): Promise<string> {
  const { id } = await buyer.place([{ productId, quantity: 1 }]);
  const [paid, cancelled] = await atOnce(
    () => buyer.payUntilFinal(id, { key: newKey() }),
    () => buyer.post(`/v1/orders/${id}/cancel`, { web: where.webs.length - 1 }),
  );
  const told = [paid.at(-1), cancelled].map((reply) => `${reply?.status} ${reply?.body.code ?? reply?.body.status}`);
  return told.join(' and ');
}

/** How every order of the shelf ended: what it is, and whether the provider took money for it. */
async function ends({ where, productId }: Shelf): Promise<{ tally: Record<string, number>; unsold: number }> {
  const orders = await where.query<{ id: string; status: string; paid: string | null }>(
    `SELECT o.id, o.status, (SELECT string_agg(p.status, '+') FROM payments AS p
        WHERE p.order_id = o.id AND p.captured_amount > 0) AS paid
       FROM orders AS o JOIN order_items AS i ON i.order_id = o.id WHERE i.product_id = $1`,
    [productId],
  );
  const captures = (await where.sandbox.captures()).map(({ metadata }) => metadata['order_id']);
  const tally: Record<string, number> = {};
  for (const { id, status, paid } of orders) {
    const taken = captures.filter((orderId) => orderId === id).length;
    const money =
      taken === 0 && paid === null ? 'unpaid' : `paid by ${paid}${taken === 1 ? '' : `, taken ${taken} times`}`;
    tally[`${status}, ${money}`] = (tally[`${status}, ${money}`] ?? 0) + 1;
  }
  const [row] = await where.query<{ stock: number }>(`SELECT stock_on_hand AS stock FROM products WHERE id = $1`, [
    productId,
  ]);
  return { tally, unsold: row?.stock ?? NaN };
}

async function races(where: RunningShop, { count, each }: { count: number; each?: (shelf: Shelf) => Promise<void> }) {
  const shelf = await aShelf(where);
  await where.sandbox.misbehave({ op: 'payment_intents.create', effect: 'delay', ms: CHARGE_MS });
  const told: Record<string, number> = {};
  for (let done = 0; done < count; done += AT_ONCE) {
    for (const words of await Promise.all(Array.from({ length: AT_ONCE }, () => race(shelf)))) {
      told[words] = (told[words] ?? 0) + 1;
    }
    await each?.(shelf);
  }
  await where.sandbox.behave();
  await where.quiet();
  return { told, ...(await ends(shelf)) };
}

it(`ends ${RACES} races of cancelling against paying as one of the two, and the stock adds up after each ten`, async () => {
  const addsUp = async (shelf: Shelf) => {
    const { tally, unsold } = await ends(shelf);
    expect(Object.keys(tally).filter((end) => !IN_HARMONY.includes(end))).toEqual([]);
    expect(unsold).toBe(STOCK - (tally['completed, paid by succeeded'] ?? 0));
  };

  const { told, tally } = await races(shop, { count: RACES, each: addsUp });

  expect(Object.values(tally).reduce((sum, count) => sum + count, 0)).toBe(RACES);
  expect(Object.keys(tally).sort()).toEqual([...IN_HARMONY].sort());
  // What each side was told agrees with how it ended, and both have met while the charge was under way.
  expect(Object.keys(told).filter((words) => !TOLD.includes(words))).toEqual([]);
  expect(told['201 succeeded and 409 payment-in-progress']).toBeGreaterThan(0);
  expect(told['409 order-not-payable and 200 cancelled']).toBe(tally['cancelled, unpaid']);
  expect(await shop.violations()).toEqual({});
});

const TOLD = [
  '201 succeeded and 409 payment-in-progress',
  '201 succeeded and 409 order-completed',
  '409 order-not-payable and 200 cancelled',
];

it('would take money for cancelled orders if cancelling did not look at the payment (control)', async () => {
  const { tally } = await races(careless, { count: 30 });

  expect(Object.keys(tally)).toContain('cancelled, paid by late_succeeded');
  expect(await careless.violations()).toHaveProperty('open reviews', tally['cancelled, paid by late_succeeded']);
});

describe('the customer authenticates while the cancelling is at the provider', () => {
  /** The provider holds every cancelling, before or after it is done, until the customer has answered. */
  async function answeredWhile(hold: { after: boolean }) {
    const shelf = await aShelf(shop);
    const orders = await Promise.all(Array.from({ length: AT_ONCE }, () => anUnansweredOrder(shelf)));
    await shop.sandbox.misbehave({ op: 'payment_intents.cancel', effect: 'delay', ms: 60_000, ...hold });
    const cancelling = orders.map(({ id }) => shelf.buyer.post(`/v1/orders/${id}/cancel`));
    const areHeld = async () => ((await shop.sandbox.hits())[0] ?? 0) >= AT_ONCE;
    await shop.waitUntil(areHeld, { what: 'every cancelling to be at the provider' });
    await Promise.all(orders.map(({ intent }) => shop.sandbox.authenticate(intent).catch(() => undefined)));
    await shop.sandbox.behave();
    await Promise.all(cancelling);
    const isOver = async () => !(await Promise.all(orders.map(({ id }) => shop.orderStatus(id)))).includes('pending');
    await shop.waitUntil(isOver, { what: 'every order to end' });
    await shop.quiet();
    return ends(shelf);
  }

  async function anUnansweredOrder({ buyer, productId }: Shelf): Promise<{ id: string; intent: string }> {
    const { id } = await buyer.place([{ productId, quantity: 1 }]);
    expectStatus(await buyer.pay(id, { card: 'pm_card_authenticationRequired' }), 201);
    const [payment] = await shop.payments(id);
    return { id, intent: payment?.provider_payment_id ?? '' };
  }

  it('and is heard when he was first', async () => {
    const { tally, unsold } = await answeredWhile({ after: false });

    expect({ tally, unsold }).toEqual({ tally: { 'completed, paid by succeeded': AT_ONCE }, unsold: STOCK - AT_ONCE });
    expect(await shop.violations()).toEqual({});
  });

  it('and pays nothing when he was too late', async () => {
    const { tally, unsold } = await answeredWhile({ after: true });

    expect({ tally, unsold }).toEqual({ tally: { 'cancelled, unpaid': AT_ONCE }, unsold: STOCK });
    expect(await shop.violations()).toEqual({});
  });
});
