import pg from 'pg';
import { why } from '../../tools/local/commands/why.mjs';
import { historyOf } from '../../tools/local/why/history.mjs';
import { pageOf } from '../../tools/local/why/page.mjs';
import { newId } from '../../src/shared/ids.js';
import { runInContext } from '../../src/platform/telemetry/request-context.js';
import { PaymentDesk, type PlacedOrder, PRICE } from './payments.support.js';

jest.setTimeout(60_000);

const REQUEST = 'req-of-this-purchase';

let shop: PaymentDesk;
let client: pg.Client;

beforeAll(async () => {
  shop = await PaymentDesk.open();
  client = new pg.Client({ connectionString: shop.db.databaseUrl });
  await client.connect();
});

afterAll(async () => {
  await client?.end();
  await shop?.close();
});

beforeEach(() => shop.rig.arm());

async function page(id: string): Promise<string> {
  const history = await historyOf(client, id);
  return history ? pageOf(history) : 'none';
}

/** The second column of every line, in order; the last lines are the reasons. */
async function told(id: string): Promise<{ lines: string[]; reasons: string[] }> {
  const all = (await page(id)).split('\n');
  return {
    lines: all.filter((line) => /^ {2}\d{4}-/.test(line)).map((line) => line.slice(28).trim()),
    reasons: all.filter((line) => line.startsWith('→ ')),
  };
}

/** Nothing is left to do about what happened so far. */
async function closeWork(order: PlacedOrder): Promise<void> {
  await shop.db.query(`DELETE FROM event_deliveries WHERE event_id IN (SELECT id FROM events WHERE order_id = $1)`, [
    order.id,
  ]);
}

describe('the history of an order', () => {
  it('tells a purchase in one line of causes, and that it is complete', async () => {
    const { order, payment } = await runInContext({ requestId: REQUEST }, () => shop.pay());
    await closeWork(order);

    const { lines, reasons } = await told(order.id);

    const starts = [
      'order.placed',
      'payment.submitted',
      'call submit',
      'call payment_intents.create',
      'payment.succeeded',
      'order.completed',
    ];
    expect(starts.filter((start) => !lines.some((line) => line.startsWith(`${start} `)))).toEqual([]);
    expect(lines[0]).toMatch(/^order\.placed /);
    expect(lines.find((line) => line.startsWith('payment.succeeded'))).toContain(`[${REQUEST}]`);
    expect(lines.find((line) => line.startsWith('payment.succeeded'))).toContain(`payment ${payment.id}`);
    expect(reasons).toEqual([`→ Complete: the order is completed, and nothing is left to do.`]);
    // The same from the payment's id.
    expect(await page(payment.id)).toBe(await page(order.id));
  });

  it('stands at a parked mail, with its last error', async () => {
    const { order } = await shop.pay();
    await closeWork(order);
    await shop.db.query(
      `INSERT INTO event_deliveries (event_id, subscriber, attempts, last_error, dead_at)
       SELECT id, 'notifications', 8, E'Error: the letter\nhas no template', now() FROM events WHERE order_id = $1 AND name = 'payment.succeeded'`,
      [order.id],
    );

    const { lines, reasons } = await told(order.id);

    expect(lines.at(-1)).toMatch(
      /^work of notifications +parked, about payment\.succeeded, 8 attempts, Error: the letter has no/,
    );
    expect(reasons).toHaveLength(1);
    expect(reasons[0]).toMatch(
      /^→ Stopped: notifications gave up on payment\.succeeded after 8 attempts: Error: the letter/,
    );
  });

  it('stands at a payment nobody knows about, with what the provider did not say', async () => {
    await shop.rig.arm({ op: 'payment_intents.create', effect: 'reset', times: 2 });
    const { order, payment } = await shop.pay();
    expect(payment.status).toBe('unknown');
    await closeWork(order);

    const { lines, reasons } = await told(order.id);

    expect(lines.some((line) => /^call payment_intents\.create +unknown, for payment/.test(line))).toBe(true);
    expect(reasons).toHaveLength(1);
    expect(reasons[0]).toContain(`Payment ${payment.id} is unknown: the provider gave no answer that decides`);
    expect(reasons[0]).toContain('recovery looks at');
  });

  it('waits for the customer after a refusal, and says what was said', async () => {
    const { order } = await shop.pay({ paymentMethodId: 'pm_card_chargeDeclined' });
    await closeWork(order);
    expect((await told(order.id)).reasons).toEqual([
      expect.stringMatching(/^→ It waits for the customer to pay, until .*declined/),
    ]);
  });

  it('shows the webhooks about its objects', async () => {
    const { order, payment } = await shop.pay();
    await shop.db.query(
      `INSERT INTO webhook_inbox (provider, event_id, type, object_id, payload, deliveries)
       VALUES ('stripe', 'evt_of_this_order', 'payment_intent.succeeded', $1, '{}', 3), ('stripe', 'evt_of_another', 'payment_intent.succeeded', 'pi_other', '{}', 1)`,
      [payment.providerPaymentId],
    );
    const webhooks = (await told(order.id)).lines.filter((line) => line.startsWith('webhook '));
    expect(webhooks).toEqual([
      expect.stringMatching(/^webhook payment_intent\.succeeded +about pi_.*, came 3 times \[evt_of_this_order\]$/),
    ]);
  });

  it('is none for an id nobody knows, and cannot be changed by asking', async () => {
    expect(await historyOf(client, newId())).toBeUndefined();
    await client.query('BEGIN READ ONLY');
    await expect(client.query('DELETE FROM event_deliveries')).rejects.toMatchObject({ code: '25006' });
    await client.query('ROLLBACK');
  });
});

describe('npm run why', () => {
  const ask = (given: NodeJS.ProcessEnv, ...args: string[]) =>
    why({ root: process.cwd(), stateDir: '/nowhere', cli: '', given }, args);

  it('answers from DATABASE_URL', async () => {
    const { order } = await shop.pay();
    const written = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
    try {
      expect(await ask({ DATABASE_URL: shop.db.databaseUrl }, order.id)).toBe(0);
      expect(written.mock.calls.join('')).toContain(`Order ${order.id}: completed, ${PRICE} USD`);
    } finally {
      written.mockRestore();
    }
  });

  it('says what is wrong with a question it cannot answer', async () => {
    const given = { DATABASE_URL: shop.db.databaseUrl };
    const unknown = newId();
    await expect(ask(given)).rejects.toThrow('"" is no id of an order.');
    await expect(ask(given, "1' OR true")).rejects.toThrow('is no id of an order.');
    await expect(ask(given, unknown)).rejects.toThrow(`There is no order ${unknown}`);
    await expect(ask({}, unknown)).rejects.toThrow('nothing runs here');
    await expect(ask({ DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' }, unknown)).rejects.toThrow(
      'did not answer',
    );
  });
});
