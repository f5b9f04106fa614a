import { InvalidSignature, WrongLivemode } from '../../src/domains/payments/payment.errors.js';
import type { Payment } from '../../src/domains/payments/payment.entity.js';
import { stripeProvider } from '../../src/domains/payments/strategies/stripe.client.js';
import { MissedEventsRepository } from '../../src/domains/payments/webhooks/missed-events.repository.js';
import { MissedEventsService } from '../../src/domains/payments/webhooks/missed-events.service.js';
import { StripeEvents } from '../../src/domains/payments/webhooks/stripe-events.js';
import { WebhookInboxRepository } from '../../src/domains/payments/webhooks/webhook-inbox.repository.js';
import { ParkedDeliveriesRepository } from '../../src/platform/events/parked-deliveries.repository.js';
import { newId } from '../../src/shared/ids.js';
import { guardsOf } from '../support/provider-guards.js';
import { waitUntil } from '../support/wait.js';
import { stripeSignature } from '../support/webhook-signature.js';
import { PaymentDesk, WEBHOOK_SECRET } from './payments.support.js';

jest.setTimeout(60_000);

const TYPES = ['partially_funded', 'requires_action', 'processing', 'amount_capturable_updated', 'succeeded'];

let shop: PaymentDesk;
let missed: MissedEventsService;

beforeAll(async () => {
  shop = await PaymentDesk.open({ WEBHOOK_POLL_MS: '1', DELIVERY_ATTEMPTS_MAX: '3' });
  const { config, dataSource, transactions } = shop.desk;
  missed = new MissedEventsService(
    transactions,
    new MissedEventsRepository(dataSource, config),
    new StripeEvents(stripeProvider.useFactory(config, guardsOf(config))),
    new WebhookInboxRepository(dataSource),
    shop.lookups,
    shop.alarms,
  );
});

afterAll(async () => {
  await shop?.close();
});

beforeEach(async () => {
  await shop.rig.arm();
  await shop.db.query(`DELETE FROM event_deliveries`);
  shop.alarms.raised.length = 0;
});

function signed(event: object): [Buffer, string] {
  const text = JSON.stringify({ id: `evt_${newId()}`, object: 'event', ...event });
  return [Buffer.from(text), stripeSignature(text, { secret: WEBHOOK_SECRET })];
}

async function hint(objectId: string, type = 'payment_intent.succeeded'): Promise<void> {
  await shop.webhooks.receive(...signed({ type, data: { object: { id: objectId } } }));
}

/** Waits for its customer, who has answered behind our back. */
async function aPaidBehindOurBack(): Promise<Payment & { intentId: string }> {
  const { payment } = await shop.pay({ paymentMethodId: 'pm_card_authenticationRequired' });
  const intentId = payment.providerPaymentId ?? '';
  await shop.rig.door('POST', `/_sandbox/payment-intents/${intentId}/authenticate`, { succeed: true });
  return { ...payment, intentId };
}

async function retrievesOf(intentId: string): Promise<number> {
  const asked = (await shop.rig.journal()).filter(({ op }) => op === 'payment_intents.retrieve');
  return asked.filter(({ object }) => object === intentId).length;
}

async function openDeliveries() {
  return shop.db.query<{ attempts: number; dead: boolean }>(
    `SELECT attempts, dead_at IS NOT NULL AS dead FROM event_deliveries WHERE subscriber = 'webhooks'`,
  );
}

describe('several webhooks about one object', () => {
  it('are looked up once, and closed together', async () => {
    const { id, intentId } = await aPaidBehindOurBack();
    for (const type of TYPES) await hint(intentId, `payment_intent.${type}`);

    await shop.hear('webhooks');

    expect(await retrievesOf(intentId)).toBe(1);
    expect(await openDeliveries()).toEqual([]);
    expect((await shop.payments.get(id)).status).toBe('succeeded');
  });

  it('control: are looked up one by one when they do not know of each other', async () => {
    const { payment } = await shop.pay({ paymentMethodId: 'pm_card_authenticationRequired' });
    const intentId = payment.providerPaymentId ?? '';
    for (const type of TYPES) await hint(intentId, `payment_intent.${type}`);
    await shop.db.query(`UPDATE webhook_inbox SET object_id = event_id WHERE object_id = $1`, [intentId]);

    await shop.hear('webhooks');

    expect(await retrievesOf(intentId)).toBe(TYPES.length);
  });

  it('that are recorded after the look-up began are looked up again', async () => {
    const { intentId } = await aPaidBehindOurBack();
    await hint(intentId, 'payment_intent.requires_action');
    await shop.rig.arm({ op: 'payment_intents.retrieve', effect: 'delay', ms: 700, times: 1 });

    const first = shop.hear('webhooks');
    await waitUntil(() => shop.isRigHolding(), { what: 'the look-up to have begun' });
    await hint(intentId);
    await first;

    expect(await openDeliveries()).toEqual([{ attempts: 0, dead: false }]);
    expect(await shop.hear('webhooks')).toBe(1);
    expect(await openDeliveries()).toEqual([]);
  });

  it('wait for the one that is being looked up, without an attempt', async () => {
    const { intentId } = await aPaidBehindOurBack();
    await hint(intentId, 'payment_intent.requires_action');
    await shop.rig.arm({ op: 'payment_intents.retrieve', effect: 'delay', ms: 900, times: 1 });
    const first = shop.hear('webhooks');
    await waitUntil(() => shop.isRigHolding(), { what: 'the look-up to have begun' });
    await hint(intentId);

    await shop.hear('webhooks');

    expect(await openDeliveries()).toContainEqual({ attempts: 0, dead: false });
    await first;
    await shop.hear('webhooks');
    expect(await openDeliveries()).toEqual([]);
  });

  it('stay open together where the provider did not answer', async () => {
    const { intentId } = await aPaidBehindOurBack();
    await hint(intentId, 'payment_intent.requires_action');
    await hint(intentId);
    await shop.rig.arm({ op: 'payment_intents.retrieve', effect: 'status', status: 503 });
    await shop.hear('webhooks');
    expect(await openDeliveries()).toHaveLength(2);
  });
});

describe('what does not belong here', () => {
  it('is refused when it is of the other mode, and somebody is told', async () => {
    const live = signed({ type: 'payment_intent.succeeded', livemode: true, data: { object: { id: 'pi_1' } } });
    await expect(shop.webhooks.receive(...live)).rejects.toBeInstanceOf(WrongLivemode);
    expect(shop.alarms.raised).toEqual(['webhook-wrong-livemode']);
    expect(await openDeliveries()).toEqual([]);

    const test = signed({ type: 'payment_intent.succeeded', livemode: false, data: { object: { id: 'pi_2' } } });
    await shop.webhooks.receive(...test);
    expect(await openDeliveries()).toHaveLength(1);
  });

  it('is refused when its end is missing, although it is signed', async () => {
    const whole = JSON.stringify({
      id: `evt_${newId()}`,
      type: 'payment_intent.succeeded',
      data: { object: { id: 'pi_1' } },
    });
    for (const text of [whole.slice(0, -20), '{}', '[]', 'null', '']) {
      const signature = stripeSignature(text, { secret: WEBHOOK_SECRET });
      await expect(shop.webhooks.receive(Buffer.from(text), signature)).rejects.toBeInstanceOf(InvalidSignature);
    }
    expect(await openDeliveries()).toEqual([]);
  });

  it('is closed without a question when nobody knows its type, or it is about nothing with an id', async () => {
    const before = (await shop.rig.journal()).length;
    await shop.webhooks.receive(...signed({ type: 'balance.available', data: { object: { object: 'balance' } } }));
    await hint('unheard_of', 'invented.tomorrow');

    await shop.hear('webhooks');

    expect(await openDeliveries()).toEqual([]);
    expect(await shop.rig.journal()).toHaveLength(before);
  });
});

it('one that fails again and again is parked alone, tells so, and is worked on when somebody replays it', async () => {
  const { intentId, id } = await aPaidBehindOurBack();
  await hint('pi_nobody_has_this_one');
  for (let attempt = 0; attempt < 3; attempt += 1) await shop.hear('webhooks');
  expect(await openDeliveries()).toEqual([{ attempts: 3, dead: true }]);
  expect(shop.alarms.raised).toEqual(['delivery-parked']);
  await hint(intentId);
  await shop.hear('webhooks');
  expect((await shop.payments.get(id)).status).toBe('succeeded');

  const parked = new ParkedDeliveriesRepository(shop.desk.dataSource);
  const [one] = await parked.list({ limit: 1 });
  const { intentId: other, id: otherId } = await aPaidBehindOurBack();
  await shop.db.query(`ALTER TABLE events DISABLE TRIGGER events_append_only`);
  await shop.db.query(`UPDATE events SET payload = payload || jsonb_build_object('objectId', $2::text) WHERE id = $1`, [
    one?.eventId,
    other,
  ]);
  const delivery = { eventId: one?.eventId ?? '', subscriber: 'webhooks' } as const;
  await shop.desk.transactions.run((tx) => parked.replay(tx, delivery));
  await shop.hear('webhooks');
  expect((await shop.payments.get(otherId)).status).toBe('succeeded');
  expect(await openDeliveries()).toEqual([]);
});

describe('webhooks that never arrived', () => {
  it('are found in the provider’s own list, and worked on as if they had', async () => {
    const { id, intentId } = await aPaidBehindOurBack();
    expect(await shop.hear('webhooks')).toBe(0);

    expect(await missed.lookForMissed()).toBeGreaterThan(0);
    await shop.hear('webhooks');

    expect((await shop.payments.get(id)).status).toBe('succeeded');
    const rows = await shop.db.query(`SELECT DISTINCT deliveries FROM webhook_inbox WHERE object_id = $1`, [intentId]);
    expect(rows).toEqual([{ deliveries: 1 }]);
    await waitUntil(async () => (await missed.lookForMissed()) === 0, { what: 'a turn that finds nothing new' });
  });

  it('are looked for by one of many workers at a time', async () => {
    await shop.db.query(`UPDATE webhook_cursors SET polled_at = now() + interval '1 hour'`);
    expect(await missed.lookForMissed()).toBeNull();
    await shop.db.query(`UPDATE webhook_cursors SET polled_at = now() - interval '1 hour'`);
    expect(await missed.lookForMissed()).not.toBeNull();
  });

  it('are still found after a reading that broke off', async () => {
    await waitUntil(async () => (await missed.lookForMissed()) !== null, { what: 'a turn' });
    const { id } = await aPaidBehindOurBack();
    await shop.rig.arm({ op: 'events.list', effect: 'status', status: 503 });
    await waitUntil(
      () =>
        missed.lookForMissed().then(
          () => false,
          () => true,
        ),
      { what: 'a turn that fails' },
    );
    await shop.rig.arm();
    await waitUntil(async () => (await missed.lookForMissed()) !== null, { what: 'a turn' });
    await shop.hear('webhooks');
    expect((await shop.payments.get(id)).status).toBe('succeeded');
  });

  it('are beyond finding after thirty days, and somebody is told', async () => {
    await shop.db.query(`UPDATE webhook_cursors SET seen_to = now() - interval '31 days'`);
    await waitUntil(async () => (await missed.lookForMissed()) !== null, { what: 'a turn' });
    expect(shop.alarms.raised).toEqual(['webhook-gap']);
  });
});
