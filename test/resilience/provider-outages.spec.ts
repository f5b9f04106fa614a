import { newId } from '../../src/shared/ids.js';
import { waitUntil } from '../support/wait.js';
import { stripeSignature } from '../support/webhook-signature.js';
import { Mailroom } from '../integration/notifications.support.js';
import { PaymentDesk, WEBHOOK_SECRET } from '../integration/payments.support.js';

jest.setTimeout(60_000);

/** Long enough that no test ends in it, unless it makes time pass. */
const SOON_OPEN = { PROVIDER_FAILURES_TO_OPEN: '2', PROVIDER_REST_MS: '600000' };
const OUT = { op: '*', effect: 'status', status: 503 } as const;

describe('while Stripe is not called', () => {
  let shop: PaymentDesk;

  beforeEach(async () => {
    shop = await PaymentDesk.open(SOON_OPEN);
  });
  afterEach(() => shop?.close());

  /** Its last two tries stay without an answer. */
  async function stripeGoesAway() {
    await shop.rig.arm(OUT);
    expect((await shop.pay()).payment.status).toBe('unknown');
    await shop.rig.arm();
    expect(shop.alarms.raised).toEqual(['provider-down']);
  }

  it('a payment is unknown and never failed, and nothing of it is at Stripe', async () => {
    await stripeGoesAway();

    const { reply, payment } = await shop.pay();

    expect([reply.status, payment.status]).toEqual([202, 'unknown']);
    expect(payment.lastError).toMatchObject({ kind: 'transport', code: 'provider-unavailable' });
    expect(await shop.done(payment)).toEqual([]);
    await shop.age(payment);
    expect((await shop.recovered(payment)).status).toBe('unknown');
    expect(shop.alarms.raised).toEqual(['provider-down']);
  });

  async function hint(type: string, id: string | null) {
    const text = JSON.stringify({ id: `evt_${newId()}`, object: 'event', type, data: { object: { id } } });
    await shop.webhooks.receive(Buffer.from(text), stripeSignature(text, { secret: WEBHOOK_SECRET }));
  }

  it('webhooks and a cancellation wait, however often they are looked at, and nothing is parked', async () => {
    const { payment: refused } = await shop.pay({ paymentMethodId: 'pm_card_chargeDeclined' });
    expect(refused.status).toBe('failed');
    const { payment } = await shop.pay({ paymentMethodId: 'pm_card_authenticationRequired' });
    await stripeGoesAway();
    await hint('payment_intent.succeeded', payment.providerPaymentId);
    await hint('charge.refunded', 'ch_of_the_payment');
    await hint('refund.updated', 're_of_the_payment');

    for (let look = 1; look <= 10; look += 1) {
      await shop.hear('webhooks');
      await shop.hear('abandoned-intents');
    }

    const open = await shop.db.query(
      `SELECT subscriber, attempts, dead_at IS NOT NULL AS dead FROM event_deliveries
        WHERE subscriber IN ('webhooks', 'abandoned-intents') ORDER BY subscriber`,
    );
    expect(open).toEqual([
      { subscriber: 'abandoned-intents', attempts: 0, dead: false },
      { subscriber: 'webhooks', attempts: 0, dead: false },
      { subscriber: 'webhooks', attempts: 0, dead: false },
      { subscriber: 'webhooks', attempts: 0, dead: false },
    ]);
    expect(shop.alarms.raised).toEqual(['provider-down']);
  });
});

it('recovery brings a payment that was not submitted to its end once Stripe answers', async () => {
  const shop = await PaymentDesk.open({ ...SOON_OPEN, PROVIDER_REST_MS: '300' });
  try {
    await shop.rig.arm(OUT);
    const paid = [await shop.pay(), await shop.pay()];
    expect(paid.map(({ payment }) => payment.status)).toEqual(['unknown', 'unknown']);
    await shop.rig.arm();

    for (const { payment } of paid) {
      const isPaid = async () => {
        await shop.age(payment);
        return (await shop.recovered(payment)).status === 'succeeded';
      };
      await waitUntil(isPaid, { what: 'the payment to be made' });
      expect((await shop.done(payment)).filter((done) => done === 'create captured')).toHaveLength(1);
    }
  } finally {
    await shop.close();
  }
});

it('mail waits while SendGrid is not called: no send of unknown end, no attempt', async () => {
  const room = await Mailroom.open(SOON_OPEN);
  try {
    await room.rig.arm(OUT);
    for (let mail = 1; mail <= 2; mail += 1) await room.hear('mailer', (await room.aQueued()).eventId);
    expect(room.alarms.raised).toEqual(['provider-down']);
    const { id, eventId } = await room.aQueued();

    for (let look = 1; look <= 10; look += 1) await room.hear('mailer', eventId);

    expect(await room.row(id)).toMatchObject({ status: 'queued', ambiguousSends: 0 });
    const waiting = await room.delivery(eventId);
    expect(waiting).toMatchObject({ attempts: 0, isParked: false, isLeased: false });
    expect(waiting?.dueInMs).toBeGreaterThan(60_000);
    expect(room.alarms.raised).toEqual(['provider-down']);
  } finally {
    await room.close();
  }
});
