import { type Client, expectStatus } from '../support/client.js';
import { type RunningShop, startShop } from '../support/running-shop.js';
import { WEBHOOK_SECRET } from '../support/shop-environment.js';
import { stripeSignature } from '../support/webhook-signature.js';

jest.setTimeout(120_000);

let shop: RunningShop;
let anna: Client;

beforeAll(async () => {
  shop = await startShop();
  anna = await shop.as('anna@purser.test');
});

afterAll(async () => {
  await shop?.stop();
});

interface Balance {
  totals: { currency: string; balance: number }[];
  data: { account: string; currency: string; balance: number }[];
}

async function balances(): Promise<Balance> {
  const admin = await shop.as('admin@purser.test');
  const { text } = expectStatus(await admin.get('/v1/admin/ledger/trial-balance'), 200);
  return JSON.parse(text) as Balance;
}

async function chargeOf(orderId: string): Promise<string> {
  const sql = `SELECT stripe_charge_id AS charge FROM payments WHERE order_id = $1`;
  return (await shop.query<{ charge: string }>(sql, [orderId]))[0]?.charge ?? '';
}

async function statusOf(providerDisputeId: string): Promise<string | undefined> {
  const sql = `SELECT status FROM disputes WHERE provider_dispute_id = $1`;
  return (await shop.query<{ status: string }>(sql, [providerDisputeId]))[0]?.status;
}

async function timeline(reader: Client, orderId: string): Promise<string[]> {
  const { data } = expectStatus(await reader.get(`/v1/orders/${orderId}/timeline?limit=100`), 200).body;
  return data.map(({ event }) => event).filter((event) => event.startsWith('dispute.'));
}

it("a bank's objection takes the money out of the books, flags the order, and a won dispute puts it back", async () => {
  const order = await shop.order(anna);
  const paid = expectStatus(await anna.pay(order.id), 201).body;
  await shop.quiet();

  const { id } = await shop.sandbox.dispute(await chargeOf(order.id));
  await shop.waitUntil(async () => (await statusOf(id)) === 'needs_response', { what: 'the dispute to be recorded' });
  await shop.quiet();

  expect((await balances()).data).toContainEqual(
    expect.objectContaining({ account: 'disputes', balance: paid.amount }),
  );
  const support = await shop.as('support@purser.test');
  expect(await timeline(support, order.id)).toEqual(['dispute.opened']);
  expect(await shop.orderStatus(order.id)).toBe('completed');
  expect(await shop.violations()).toEqual({ 'open reviews': 1 });

  await shop.sandbox.answerDispute(id, 'winning_evidence');
  await shop.waitUntil(async () => (await statusOf(id)) === 'won', { what: 'the verdict to be recorded' });
  await shop.quiet();

  const { data, totals } = await balances();
  expect(data).toContainEqual(expect.objectContaining({ account: 'disputes', balance: 0 }));
  expect(totals.map(({ balance }) => balance)).toEqual(totals.map(() => 0));
  expect(await timeline(support, order.id)).toEqual(['dispute.opened', 'dispute.closed']);
  expect(await shop.violations()).toEqual({ 'open reviews': 1 });
});

it('a dispute that is about no charge of ours is stored, and changes nothing', async () => {
  const before = await balances();
  const object = { id: 'du_of_somebody_else', object: 'dispute', amount: 100, status: 'lost' };
  const event = { id: 'evt_stray_dispute', object: 'event', type: 'charge.dispute.closed', data: { object } };
  const raw = JSON.stringify(event);
  const headers = { 'stripe-signature': stripeSignature(raw, { secret: WEBHOOK_SECRET }) };

  expect((await shop.visitor.post('/v1/webhooks/stripe', { raw, headers })).status).toBe(200);

  const isWaiting = async () =>
    (
      await shop.query(`SELECT 1 FROM event_deliveries AS d JOIN events AS e ON e.id = d.event_id
      WHERE e.stream = 'inbox-stripe-evt_stray_dispute' AND d.available_at > now() + interval '10 seconds'
        AND d.attempts = 0 AND d.dead_at IS NULL`)
    ).length === 1;
  await shop.waitUntil(isWaiting, { what: 'the stray dispute to wait for its charge' });
  expect(await balances()).toEqual(before);
});
