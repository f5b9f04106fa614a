import type { Job } from 'bull';
import { MailerProcessor } from '../../src/domains/notifications/mailer.processor.js';
import { SendingService } from '../../src/domains/notifications/sending.service.js';
import type { Effect } from '../../src/platform/events/consumer.js';
import type { DispatchedDelivery } from '../../src/platform/events/deliveries.repository.js';
import { Mailroom } from './notifications.support.js';

const LOST: { op: string; effect: 'dropReply' } = { op: 'mail.send', effect: 'dropReply' };

/** Takes every attempt for the first. */
class Careless extends SendingService {
  override send(event: Parameters<SendingService['send']>[0]): Promise<Effect> {
    return super.send(event, 1);
  }
}

describe('sending a notification', () => {
  let room: Mailroom;

  beforeEach(async () => {
    room = await Mailroom.open({ DELIVERY_ATTEMPTS_MAX: '4' });
  });
  afterEach(() => room.close());

  it('sends one mail, keeps what the provider calls it, and closes the delivery', async () => {
    const { id, eventId } = await room.aQueued('order-placed');
    await room.hear('mailer', eventId);

    const [mail, ...more] = await room.sent();
    expect(more).toEqual([]);
    expect(mail?.metadata).toMatchObject({ notificationId: id, kind: 'order-placed' });
    expect(await room.row(id)).toEqual({
      status: 'sent',
      ambiguousSends: 0,
      lastError: null,
      providerMessageId: mail?.object,
    });
    expect(await room.eventsOf(id)).toEqual(['notification.queued', 'notification.sent']);
    expect(await room.delivery(eventId)).toBeUndefined();
  });

  it('sends nothing for an event that comes back after the mail went out', async () => {
    const { id, eventId } = await room.aQueued();
    await room.hear('mailer', eventId);
    await room.db.query(`INSERT INTO event_deliveries (event_id, subscriber) VALUES ($1, 'mailer')`, [eventId]);
    await room.hear('mailer', eventId);

    expect(await room.sent()).toHaveLength(1);
    expect(await room.eventsOf(id)).toEqual(['notification.queued', 'notification.sent']);
    expect(await room.delivery(eventId)).toBeUndefined();
  });

  it('makes up for a lost reply with one more mail, and no third', async () => {
    const { id, eventId } = await room.aQueued();
    await room.rig.arm({ ...LOST, times: 1 });
    await room.hear('mailer', eventId);
    expect(await room.row(id)).toMatchObject({ status: 'sending', ambiguousSends: 0 });

    await room.hear('mailer', eventId);
    await room.hear('mailer', eventId);
    expect(await room.row(id)).toMatchObject({ status: 'sent', ambiguousSends: 1 });
    expect(await room.sent()).toHaveLength(2);
    expect(room.alarms.raised).toEqual([]);
  });

  it('parks after two sends of unknown end, with an alarm', async () => {
    const { id, eventId } = await room.aQueued();
    await room.rig.arm(LOST);
    for (let attempt = 1; attempt <= 6; attempt += 1) await room.hear('mailer', eventId);

    expect(await room.sent()).toHaveLength(2);
    expect(await room.row(id)).toMatchObject({ status: 'sending', ambiguousSends: 2 });
    expect(await room.delivery(eventId)).toMatchObject({ isParked: true, attempts: 3, isLeased: false });
    expect(room.alarms.raised).toEqual(['delivery-parked']);
  });

  it('would send at every attempt if it did not count them', async () => {
    const { eventId } = await room.aQueued();
    await room.rig.arm(LOST);
    const careless = new MailerProcessor(room.consumer, new Careless(room.notifications, room.letters, room.channels));
    const job = { data: { eventId, subscriber: 'mailer', attempts: 0 } } as Job<DispatchedDelivery>;
    for (let attempt = 1; attempt <= 4; attempt += 1) await careless.hear(job);

    expect(await room.sent()).toHaveLength(4);
  });

  it('sends once more for every replay, which is a decision of a person', async () => {
    const { id, eventId } = await room.aQueued();
    await room.rig.arm(LOST);
    for (let attempt = 1; attempt <= 3; attempt += 1) await room.hear('mailer', eventId);

    await room.transactions.run((tx) => room.parked.replay(tx, { eventId, subscriber: 'mailer' }));
    for (let attempt = 1; attempt <= 3; attempt += 1) await room.hear('mailer', eventId);
    expect(await room.sent()).toHaveLength(3);
    expect(await room.delivery(eventId)).toMatchObject({ isParked: true });

    await room.rig.arm();
    await room.transactions.run((tx) => room.parked.replay(tx, { eventId, subscriber: 'mailer' }));
    await room.hear('mailer', eventId);
    expect(await room.sent()).toHaveLength(4);
    expect(await room.row(id)).toMatchObject({ status: 'sent' });
    expect(await room.delivery(eventId)).toBeUndefined();
  });

  it('counts a worker that died over the call as one send of unknown end', async () => {
    const { id, eventId } = await room.aQueued();
    await room.deliveries.claim({ eventId, subscriber: 'mailer', attempts: 0 });
    await room.notifications.claim(id);
    await room.expireLease(eventId);
    await room.hear('mailer', eventId);

    expect(await room.row(id)).toMatchObject({ status: 'sent', ambiguousSends: 1 });
    expect(await room.sent()).toHaveLength(1);
  });

  it('lets an overtaken claim change nothing', async () => {
    const { id } = await room.aQueued();
    const [first, second] = [await room.notifications.claim(id), await room.notifications.claim(id)];
    if (!first || !second) throw new Error('not claimed');
    expect([first.isAmbiguous, second.isAmbiguous]).toEqual([false, true]);

    await room.notifications.release(first.notification, 'too late');
    expect(await room.row(id)).toMatchObject({ status: 'sending', lastError: null });
    const late: Effect = (tx) =>
      room.notifications.settle(tx, first.notification, { status: 'sent', providerMessageId: null });
    await expect(room.transactions.run(late)).rejects.toThrow('another claim');
    expect(await room.eventsOf(id)).toEqual(['notification.queued']);
  });

  it('waits as long as a 429 asks, without counting an attempt', async () => {
    const { id, eventId } = await room.aQueued();
    await room.rig.arm({ op: 'mail.send', effect: 'status', status: 429, retryAfter: 7 });
    for (let times = 1; times <= 6; times += 1) await room.hear('mailer', eventId);

    expect(await room.row(id)).toMatchObject({ status: 'queued', ambiguousSends: 0 });
    const waiting = await room.delivery(eventId);
    expect(waiting).toMatchObject({ isParked: false, attempts: 0, isLeased: false });
    expect(waiting?.dueInMs).toBeGreaterThan(5_000);
    expect(waiting?.dueInMs).toBeLessThanOrEqual(7_000);

    await room.rig.arm();
    await room.hear('mailer', eventId);
    expect(await room.sent()).toHaveLength(1);
    expect(await room.row(id)).toMatchObject({ status: 'sent', ambiguousSends: 0 });
  });

  it('counts the attempts of a 429 that has lasted for a day', async () => {
    const { id, eventId } = await room.aQueued();
    await room.rig.arm({ op: 'mail.send', effect: 'status', status: 429, retryAfter: 7 });
    const event = {
      id: eventId,
      name: 'notification.queued',
      payload: { notificationId: id },
      requestId: null,
    } as const;
    await expect(room.sending.send({ ...event, ageMs: 86_400_000 }, 1)).rejects.not.toHaveProperty('pauseMs');
    await expect(room.sending.send({ ...event, ageMs: 86_399_999 }, 1)).rejects.toHaveProperty('pauseMs', 7_000);
  });

  it.each([401, 403])('tries again after %i, then parks with an alarm; a replay sends it once', async (status) => {
    const { id, eventId } = await room.aQueued();
    await room.rig.arm({ op: 'mail.send', effect: 'status', status });
    for (let times = 1; times <= 3; times += 1) await room.hear('mailer', eventId);
    expect(await room.row(id)).toMatchObject({ status: 'queued', ambiguousSends: 0 });
    expect(await room.delivery(eventId)).toMatchObject({ isParked: false, attempts: 3 });

    await room.hear('mailer', eventId);
    const parked = await room.delivery(eventId);
    expect(parked).toMatchObject({ isParked: true, attempts: 4 });
    expect(parked?.lastError).toContain(`SendGrid answered ${status}`);
    expect(parked?.lastError).not.toMatch(/integration-key|@/);
    expect(room.alarms.raised).toEqual(['delivery-parked']);

    await room.rig.arm();
    await room.transactions.run((tx) => room.parked.replay(tx, { eventId, subscriber: 'mailer' }));
    await room.hear('mailer', eventId);
    expect(await room.sent()).toHaveLength(1);
  });

  it('rejects for good what the provider will never take', async () => {
    const { id, eventId } = await room.aQueued();
    room.answers.contact = { email: 'nobody', displayName: null };
    await room.hear('mailer', eventId);

    expect(await room.row(id)).toMatchObject({ status: 'rejected' });
    expect((await room.row(id)).lastError).toContain('SendGrid answered 400');
    expect(await room.eventsOf(id)).toEqual(['notification.queued', 'notification.rejected']);
    expect(await room.delivery(eventId)).toBeUndefined();
    expect(await room.sent()).toEqual([]);
  });

  it.each([
    ['the account is gone', { contact: null }, 'the account is closed'],
    ['the address is verified', { link: null }, 'there is nothing to tell any more'],
  ])('writes nothing when %s', async (_what, answers, reason) => {
    const { id, eventId } = await room.aQueued('welcome');
    Object.assign(room.answers, answers);
    await room.hear('mailer', eventId);

    expect(await room.row(id)).toMatchObject({ status: 'rejected', lastError: reason });
    expect(await room.eventsOf(id)).toEqual(['notification.queued', 'notification.rejected']);
    expect(await room.rig.journal()).toEqual([]);
  });

  it('does not mistake a question nobody answered for a send', async () => {
    const { id, eventId } = await room.aQueued();
    room.answers.outage = new Error('the accounts are down');
    for (let times = 1; times <= 3; times += 1) await room.hear('mailer', eventId);
    expect(await room.row(id)).toMatchObject({ status: 'queued', ambiguousSends: 0 });

    room.answers.outage = null;
    await room.hear('mailer', eventId);
    expect(await room.row(id)).toMatchObject({ status: 'sent', ambiguousSends: 0 });
  });

  it('does not mistake a provider that is not there for a send', async () => {
    const { id, eventId } = await room.aQueued();
    const elsewhere = await Mailroom.open({ SENDGRID_API_URL: 'http://127.0.0.1:1' });
    try {
      const queued = await elsewhere.aQueued();
      for (let times = 1; times <= 3; times += 1) await elsewhere.hear('mailer', queued.eventId);
      expect(await elsewhere.row(queued.id)).toMatchObject({ status: 'queued', ambiguousSends: 0 });
    } finally {
      await elsewhere.close();
    }
    await room.hear('mailer', eventId);
    expect(await room.row(id)).toMatchObject({ status: 'sent' });
  });
});
