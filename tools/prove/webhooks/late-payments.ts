import { type Client, expectStatus, newKey } from '../../../test/support/client.js';
import type { RunningShop } from '../../../test/support/running-shop.js';
import type { Stage } from '../stage.js';

export interface Setting {
  readonly stage: Stage;
  readonly shop: RunningShop;
  readonly buyer: Client;
  readonly productId: string;
}

/** A payment that went its whole way at the provider, of which nobody has told us yet. */
export interface LatePayment {
  readonly orderId: string;
  readonly intentId: string;
  /** Ids of the provider's events about it, oldest first. */
  readonly events: readonly string[];
}

const TYPES = [
  'payment_intent.created',
  'payment_intent.requires_action',
  'payment_intent.amount_capturable_updated',
  'charge.succeeded',
  'payment_intent.succeeded',
];

/** Authenticated by the customer, and captured from the provider's dashboard: five events, all of them lost. */
export async function latePayment({ shop, buyer, productId }: Setting): Promise<LatePayment> {
  const order = await buyer.place([{ productId, quantity: 1 }]);
  const card = { paymentMethod: 'card', paymentMethodId: 'pm_card_authenticationRequired', captureMethod: 'manual' };
  expectStatus(await buyer.post(`/v1/orders/${order.id}/payments`, { key: newKey(), body: card }), 201);
  const [payment] = await shop.payments(order.id);
  const intentId = payment?.provider_payment_id ?? '';
  await shop.sandbox.authenticate(intentId);
  await shop.sandbox.capture(intentId);
  const events = await shop.sandbox.eventsAbout(intentId);
  const ids = TYPES.map((wanted) => events.find(({ type }) => type === wanted)?.id);
  if (ids.includes(undefined)) throw new Error(`the provider made only ${events.map(({ type }) => type).join(', ')}`);
  return { orderId: order.id, intentId, events: ids.filter((id) => id !== undefined) };
}

/** Until nobody works on this event any more. */
export async function untilHeard({ shop }: Pick<Setting, 'shop'>, eventId: string): Promise<void> {
  const open = `SELECT 1 FROM events AS e JOIN event_deliveries AS d ON d.event_id = e.id
    WHERE e.stream = 'inbox-stripe-' || $1 AND d.dead_at IS NULL`;
  await shop.waitUntil(async () => (await shop.query(open, [eventId])).length === 0, {
    what: `${eventId} to be heard`,
  });
}

export async function deliver({ stage, shop }: Pick<Setting, 'stage' | 'shop'>, eventId: string): Promise<void> {
  const status = await shop.sandbox.resend(eventId);
  stage.expect('an event that was not taken', status === 200, `${eventId}: ${status}`);
}

/** That many at a time, until all are done. */
export async function inTurns<T>(all: readonly T[], atOnce: number, work: (one: T) => Promise<void>): Promise<void> {
  const left = [...all];
  const next = async (): Promise<void> => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) await work(one);
  };
  await Promise.all(Array.from({ length: atOnce }, next));
}

const STATE = `SELECT concat_ws('|', o.status,
    (SELECT string_agg(concat_ws(',', p.status, p.amount, p.currency, p.captured_amount, p.refunded_amount, p.last_error), ';')
       FROM payments AS p WHERE p.order_id = o.id),
    (SELECT string_agg(concat_ws(',', t.kind, e.account, e.currency, e.amount), ';' ORDER BY t.kind, e.account)
       FROM ledger_transactions AS t JOIN ledger_entries AS e ON e.transaction_id = t.id
       JOIN payments AS p ON p.id = t.source_id WHERE p.order_id = o.id),
    (SELECT string_agg(n.kind || n.status, ';' ORDER BY n.kind) FROM notifications AS n WHERE n.order_id = o.id),
    (SELECT string_agg(e.name, ';' ORDER BY e.name) FROM events AS e WHERE e.order_id = o.id)) AS state
  FROM orders AS o WHERE o.id = $1`;

/** Everything about an order but its ids and times. */
export async function stateOf({ shop }: Pick<Setting, 'shop'>, orderId: string): Promise<string> {
  return (await shop.query<{ state: string }>(STATE, [orderId]))[0]?.state ?? '';
}
