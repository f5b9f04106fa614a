import { expectStatus } from '../../../test/support/client.js';
import { WEBHOOK_SECRET } from '../../../test/support/shop-environment.js';
import { stripeSignature } from '../../../test/support/webhook-signature.js';
import type { Setting } from './late-payments.js';

/** Valid beside the new one while one replaces the other. */
export const PREVIOUS_SECRET = 'whsec_of_the_time_before_the_rotation';
const FORGER = 'whsec_the_forger_made_this_up_000001';

interface Sent {
  readonly signature?: string;
  readonly body?: string;
}

const ours = (body: string, ageSeconds = 0) => stripeSignature(body, { secret: WEBHOOK_SECRET, ageSeconds });

/** P14: what a forger may try. */
const FORGERIES: Readonly<Record<string, (body: string) => Sent>> = {
  'no signature': () => ({}),
  'words for a signature': () => ({ signature: 'trust me' }),
  'another secret': (body) => ({ signature: stripeSignature(body, { secret: FORGER }) }),
  'a signature of six minutes ago': (body) => ({ signature: ours(body, 360) }),
  'a signature without its time': (body) => ({ signature: ours(body).replace(/^t=\d+,/, '') }),
  'a signature with another time': (body) => ({ signature: ours(body).replace(/^t=\d/, 't=2') }),
  'a signature cut short': (body) => ({ signature: ours(body).slice(0, -2) }),
  'the older scheme alone': (body) => ({ signature: ours(body).replace('v1=', 'v0=') }),
  'the signature of another body': () => ({ signature: ours('{}') }),
  'one byte altered': (body) => ({
    signature: ours(body),
    body: body.replace('"amount_received":1490', '"amount_received":1491'),
  }),
  'one byte more': (body) => ({ signature: ours(body), body: `${body} ` }),
};

export const FORGERIES_TRIED = Object.keys(FORGERIES).length;

export async function forge(setting: Setting): Promise<void> {
  const { stage, shop } = setting;
  for (const [what, make] of Object.entries(FORGERIES)) {
    const { body, eventId } = await lie(setting);
    const { signature, body: sent = body } = make(body);
    const reply = await send(setting, sent, signature);
    const traces = await shop.query(`SELECT 1 FROM webhook_inbox WHERE event_id = $1`, [eventId]);
    const isRefused = reply.status === 400 && reply.body.code === 'invalid-signature' && traces.length === 0;
    stage.expect('a forgery that was not refused', isRefused, [what, reply.status, traces.length]);
    stage.reached('forgeries');
  }
  await believeNothing(setting);
}

/** Rightly signed, under the new secret and the old, and still nothing of the body is believed. */
async function believeNothing(setting: Setting): Promise<void> {
  const { stage, shop } = setting;
  for (const secret of [WEBHOOK_SECRET, PREVIOUS_SECRET]) {
    const { body, orderId } = await lie(setting);
    expectStatus(await send(setting, body, stripeSignature(body, { secret })), 200);
    await stage.untilQuiet(shop);
    const [payment] = await shop.payments(orderId);
    stage.reached('signed lies');
    stage.expect('a lie that was believed', payment?.status === 'requires_action', payment);
  }
}

/** An event that says somebody has paid who has not. */
async function lie({ shop, buyer, productId }: Setting): Promise<{ orderId: string; eventId: string; body: string }> {
  const { id: orderId } = await buyer.place([{ productId, quantity: 1 }]);
  expectStatus(await buyer.pay(orderId, { card: 'pm_card_authenticationRequired' }), 201);
  const [payment] = await shop.payments(orderId);
  const id = payment?.provider_payment_id ?? '';
  const object = { id, object: 'payment_intent', status: 'succeeded', amount_received: 1_490, metadata: {} };
  const eventId = `evt_lie_${orderId}`;
  const event = { id: eventId, object: 'event', livemode: false, type: 'payment_intent.succeeded', data: { object } };
  return { orderId, eventId, body: JSON.stringify(event) };
}

function send({ shop }: Setting, raw: string, signature?: string) {
  const headers: Record<string, string> = signature ? { 'stripe-signature': signature } : {};
  return shop.visitor.post('/v1/webhooks/stripe', { raw, headers });
}
