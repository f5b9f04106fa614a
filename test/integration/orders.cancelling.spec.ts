import { OrderNotFound, OrderNotPayable } from '../../src/contracts/order-errors.js';
import { PaymentInProgress } from '../../src/contracts/payment-errors.js';
import { OrderCompleted } from '../../src/domains/orders/order.errors.js';
import { newId } from '../../src/shared/ids.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { anOrder, aProduct, aUser, miscounted, openDesk, stockOf, type OrderDesk } from './orders.fixture.js';

let database: TestDatabase;
let desk: OrderDesk;

beforeEach(async () => {
  database = await createTestDatabase();
  desk = await openDesk(database);
});

afterEach(async () => {
  await desk.close();
  await database.drop();
});

/** Ten on the shelf, three of them ordered. */
async function aPlacedOrder() {
  const user = await aUser(database);
  const { id: productId } = await aProduct(desk, { stock: 10 });
  const { body } = await anOrder(desk, user.id, { items: [{ productId, quantity: 3 }] });
  return { user, productId, id: body.id };
}

async function payment(order: { id: string; userId: string }, status: string): Promise<string> {
  const id = newId();
  await database.query(
    `INSERT INTO payments (id, order_id, user_id, amount, currency, payment_method, status, provider,
        provider_idempotency_key, provider_request)
      VALUES ($1::uuid, $2, $3, 3000, 'USD', 'card', $4, 'stripe', $1::uuid::text, '{}')`,
    [id, order.id, order.userId, status],
  );
  return id;
}

async function overdue(...orderIds: string[]): Promise<void> {
  await database.query(`UPDATE orders SET expires_at = now() - interval '1 minute' WHERE id = ANY ($1)`, [orderIds]);
}

async function eventsOf(orderId: string): Promise<string[]> {
  const rows = await database.query<{ event: string }>(
    `SELECT name || ':' || version || coalesce(':' || (payload ->> 'reason'), '') AS event
       FROM events WHERE order_id = $1 ORDER BY version`,
    [orderId],
  );
  return rows.map(({ event }) => event);
}

describe('cancelling an order', () => {
  it('gives the stock back once, however many ask at once, and shows all of them the same', async () => {
    const { user, productId, id } = await aPlacedOrder();

    const views = await Promise.all(Array.from({ length: 20 }, () => desk.cancellation.cancel(id, user.id)));

    expect(new Set(views.map((view) => JSON.stringify(view))).size).toBe(1);
    expect(views[0]).toMatchObject({ id, status: 'cancelled', totalAmount: 3_000 });
    expect(await stockOf(database, productId)).toBe(10);
    expect(await eventsOf(id)).toEqual(['order.placed:1', 'order.cancelled:2:requested']);
  });

  it('control: stock given back twice does not add up', async () => {
    const { user, productId, id } = await aPlacedOrder();
    await desk.cancellation.cancel(id, user.id);
    expect(await miscounted(database)).toEqual([]);

    await desk.transactions.run((tx) => desk.stock.giveBack(tx, [{ productId, quantity: 3 }]));

    expect(await miscounted(database)).toHaveLength(1);
  });

  it("keeps the customer's words out of the event, where they could not be erased", async () => {
    const { user, id } = await aPlacedOrder();

    await desk.cancellation.cancel(id, user.id, 'my neighbour Erika has one');

    expect(await database.query(`SELECT cancel_reason FROM orders`)).toEqual([
      { cancel_reason: 'my neighbour Erika has one' },
    ]);
    expect(await database.query(`SELECT id FROM events WHERE payload::text LIKE '%Erika%'`)).toEqual([]);
    const [cancelled] = await database.query(`SELECT payload FROM events WHERE name = 'order.cancelled'`);
    expect(cancelled?.payload).toEqual({ orderId: id, userId: user.id, reason: 'requested' });
  });

  it("does not find somebody else's order; staff does", async () => {
    const { productId, id } = await aPlacedOrder();
    const stranger = await aUser(database);

    await expect(desk.cancellation.cancel(id, stranger.id)).rejects.toBeInstanceOf(OrderNotFound);
    expect(await stockOf(database, productId)).toBe(7);
    expect(await desk.cancellation.cancel(id, null)).toMatchObject({ status: 'cancelled' });
  });

  it.each(['submitting', 'unknown', 'needs_review', 'requires_action', 'authorized'])(
    'waits for a payment that is %s',
    async (status) => {
      const { user, productId, id } = await aPlacedOrder();
      const paymentId = await payment({ id, userId: user.id }, status);

      const cancelling = desk.cancellation.cancel(id, user.id);

      await expect(cancelling).rejects.toBeInstanceOf(PaymentInProgress);
      await expect(cancelling).rejects.toMatchObject({
        problem: { code: 'payment-in-progress', kind: 'conflict' },
        extensions: { paymentId, paymentStatus: status },
      });
      expect(await stockOf(database, productId)).toBe(7);
    },
  );

  it.each(['requested', 'expired'])('takes a payment that waits for an operator along when it is %s', async (how) => {
    const { user, productId, id } = await aPlacedOrder();
    const paymentId = await payment({ id, userId: user.id }, 'awaiting_confirmation');

    if (how === 'requested') await desk.cancellation.cancel(id, user.id);
    else {
      await database.query(`UPDATE orders SET expires_at = now() - interval '1 second' WHERE id = $1`, [id]);
      expect(await desk.cancellation.expire(id)).toBe(true);
    }

    const rows = await database.query(
      `SELECT o.status AS "order", p.status AS payment FROM orders o
      JOIN payments p ON p.order_id = o.id WHERE p.id = $1`,
      [paymentId],
    );
    expect(rows).toEqual([{ order: 'cancelled', payment: 'cancelled' }]);
    expect(await eventsOf(id)).toContain('payment.cancelled:2');
    expect(await stockOf(database, productId)).toBe(10);
  });

  it('is possible after a payment failed, and not after the order was completed', async () => {
    const failed = await aPlacedOrder();
    await payment({ id: failed.id, userId: failed.user.id }, 'failed');
    expect(await desk.cancellation.cancel(failed.id, failed.user.id)).toMatchObject({ status: 'cancelled' });

    const paid = await aPlacedOrder();
    expect(await desk.transactions.run((tx) => desk.orders.complete(tx, paid.id))).toBe(true);
    await expect(desk.cancellation.cancel(paid.id, paid.user.id)).rejects.toBeInstanceOf(OrderCompleted);
    expect(await eventsOf(paid.id)).toEqual(['order.placed:1', 'order.completed:2']);
    const [completed] = await database.query(`SELECT payload FROM events WHERE name = 'order.completed'`);
    expect(completed?.payload).toEqual({ orderId: paid.id, userId: paid.user.id });
    expect(await miscounted(database)).toEqual([]);
  });
});

describe('completing an order', () => {
  it('happens once, and never to a cancelled one', async () => {
    const { user, id } = await aPlacedOrder();
    const complete = () => desk.transactions.run((tx) => desk.orders.complete(tx, id));
    expect((await Promise.all([complete(), complete(), complete()])).filter(Boolean)).toHaveLength(1);

    const other = await aPlacedOrder();
    await desk.cancellation.cancel(other.id, other.user.id);
    expect(await desk.transactions.run((tx) => desk.orders.complete(tx, other.id))).toBe(false);

    const again = desk.transactions.run((tx) => desk.orders.lockPayable(tx, id, user.id));
    await expect(again).rejects.toBeInstanceOf(OrderNotPayable);
  });

  it('is not begun for an order that is expired, missing, or not theirs', async () => {
    const { user, id } = await aPlacedOrder();
    const stranger = await aUser(database);
    const lock = (orderId: string, userId: string) =>
      desk.transactions.run((tx) => desk.orders.lockPayable(tx, orderId, userId));

    expect(await lock(id, user.id)).toMatchObject({ id, userId: user.id, totalAmount: 3_000, currency: 'USD' });
    await expect(lock(id, stranger.id)).rejects.toBeInstanceOf(OrderNotFound);
    await expect(lock(newId(), user.id)).rejects.toBeInstanceOf(OrderNotFound);
    await overdue(id);
    await expect(lock(id, user.id)).rejects.toMatchObject({ problem: { code: 'order-not-payable' } });
  });
});

describe('an order whose time is over', () => {
  it('expires once with several workers about, and gives its stock back', async () => {
    const { productId, id } = await aPlacedOrder();
    const fresh = await aPlacedOrder();
    await overdue(id);
    const workers = [desk, await openDesk(database), await openDesk(database)];
    try {
      await Promise.all(workers.map(({ expiry }) => expiry.turn()));
      await Promise.all(workers.map(({ expiry }) => expiry.turn()));
    } finally {
      await Promise.all(workers.slice(1).map((worker) => worker.close()));
    }

    expect(await eventsOf(id)).toEqual(['order.placed:1', 'order.cancelled:2:expired']);
    expect(await stockOf(database, productId)).toBe(10);
    expect(await eventsOf(fresh.id)).toEqual(['order.placed:1']);
    expect(await miscounted(database)).toEqual([]);
  });

  it('is left alone while a payment is live, and expires when that has failed', async () => {
    const { user, productId, id } = await aPlacedOrder();
    await payment({ id, userId: user.id }, 'unknown');
    await overdue(id);

    await desk.expiry.turn();
    expect(await stockOf(database, productId)).toBe(7);

    await database.query(`UPDATE payments SET status = 'failed'`);
    await desk.expiry.turn();
    expect(await stockOf(database, productId)).toBe(10);
  });

  it('expires behind more held orders than one turn looks at', async () => {
    const user = await aUser(database);
    const { id: productId } = await aProduct(desk, { stock: 200 });
    const order = () => anOrder(desk, user.id, { items: [{ productId, quantity: 1 }] });
    const held = await Promise.all(Array.from({ length: 120 }, order));
    await Promise.all(held.map(({ body }) => payment({ id: body.id, userId: user.id }, 'unknown')));
    await overdue(...held.map(({ body }) => body.id));
    const { body: last } = await order();
    await database.query(`UPDATE orders SET expires_at = now() - interval '1 second' WHERE id = $1`, [last.id]);

    expect(await desk.expiry.turn()).toBe(true);
    expect(await desk.expiry.turn()).toBe(false);

    expect((await desk.orders.get(last.id, null)).parse()).toMatchObject({ status: 'cancelled' });
    expect(await stockOf(database, productId)).toBe(80);
  });

  it('is passed over while somebody else holds it, and seen again in the next round', async () => {
    const { id } = await aPlacedOrder();
    await overdue(id);

    await desk.transactions.run(async (tx) => {
      await desk.orders.lock(tx, id);
      await desk.expiry.turn();
    });
    expect(await eventsOf(id)).toEqual(['order.placed:1']);

    await desk.expiry.turn();
    expect(await eventsOf(id)).toEqual(['order.placed:1', 'order.cancelled:2:expired']);
  });
});
