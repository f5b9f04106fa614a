import type { NewEvent, RecordedEvent } from '../../src/contracts/domain-events.js';
import type { Effect } from '../../src/platform/events/consumer.js';
import { newId } from '../../src/shared/ids.js';
import { until } from '../contract/sandbox.fixture.js';
import { Mailroom } from './notifications.support.js';

interface Fact {
  readonly event: Pick<NewEvent, 'name' | 'payload'>;
  readonly about: string | null;
  readonly orderId?: string;
}

describe('a fact and its notification', () => {
  let room: Mailroom;

  beforeAll(async () => {
    room = await Mailroom.open();
  });
  afterAll(() => room.close());

  /** One event per kind; `about` is what the notification is about, null where that is the event itself. */
  async function facts(): Promise<Record<string, Fact>> {
    const userId = await room.aUser();
    const [orderId, paymentId] = [newId(), newId()];
    const ordered = { orderId, userId, totalAmount: 2_980, currency: 'USD' };
    const paid = { paymentId, orderId, userId, amount: 2_980, currency: 'USD' };
    return {
      welcome: { event: { name: 'user.registered', payload: { userId } }, about: userId },
      'verify-email': { event: { name: 'user.verification-requested', payload: { userId } }, about: null },
      'already-registered': { event: { name: 'user.registered-again', payload: { userId } }, about: null },
      'reset-password': { event: { name: 'user.reset-requested', payload: { userId } }, about: null },
      'password-changed': { event: { name: 'user.password-changed', payload: { userId } }, about: null },
      'mfa-enabled': { event: { name: 'user.mfa-enabled', payload: { userId } }, about: null },
      'mfa-disabled': { event: { name: 'user.mfa-disabled', payload: { userId } }, about: null },
      'too-many-logins': { event: { name: 'user.logins-throttled', payload: { userId } }, about: null },
      'order-placed': { event: { name: 'order.placed', payload: ordered }, about: orderId, orderId },
      'payment-receipt': { event: { name: 'payment.succeeded', payload: paid }, about: paymentId, orderId },
    };
  }

  it('tells of every fact once, and has it sent by the mailer', async () => {
    for (const [kind, { event, about, orderId = null }] of Object.entries(await facts())) {
      const eventId = await room.record(event);
      await room.hear('notifications', eventId);

      const factId = about ?? eventId;
      const rows = await room.db.query<{ id: string }>(
        `SELECT id, kind, channel, status, version, order_id AS "orderId" FROM notifications WHERE fact_id = $1 AND kind = $2`,
        [factId, kind],
      );
      expect(rows).toEqual([
        { id: expect.any(String) as string, kind, channel: 'email', status: 'queued', version: 1, orderId },
      ]);
      const queued = await room.db.query(
        `SELECT e.name, e.version, e.order_id AS "orderId", e.payload, d.subscriber FROM events AS e
           JOIN event_deliveries AS d ON d.event_id = e.id WHERE e.stream = 'notification-' || $1`,
        [rows[0]?.id],
      );
      const payload = { notificationId: rows[0]?.id };
      expect(queued).toEqual([{ name: 'notification.queued', version: 1, orderId, payload, subscriber: 'mailer' }]);
      expect(await room.delivery(eventId)).toBeUndefined();
    }
  });

  it('tells of the same fact once, though two events speak of it', async () => {
    const userId = await room.aUser();
    const events = await Promise.all([1, 2].map(() => room.record({ name: 'user.registered', payload: { userId } })));
    await Promise.all(events.map((eventId) => room.hear('notifications', eventId)));

    const [count] = await room.db.query(
      `SELECT count(*)::int AS rows, (SELECT count(*)::int FROM events WHERE stream IN
         (SELECT 'notification-' || id FROM notifications WHERE user_id = $1)) AS events
         FROM notifications WHERE user_id = $1`,
      [userId],
    );
    expect(count).toEqual({ rows: 1, events: 1 });
    for (const eventId of events) expect(await room.delivery(eventId)).toBeUndefined();
  });

  it('is one notification and one mail, though ten consumers hear every delivery at once', async () => {
    const userId = await room.aUser();
    const eventId = await room.record({ name: 'user.registered', payload: { userId } });
    await Promise.all(Array.from({ length: 10 }, () => room.hear('notifications', eventId)));
    const queued = await room.db.query<{ id: string; eventId: string }>(
      `SELECT n.id, e.id AS "eventId" FROM notifications AS n JOIN events AS e ON e.stream = 'notification-' || n.id
        WHERE n.user_id = $1`,
      [userId],
    );
    expect(queued).toHaveLength(1);

    await Promise.all(Array.from({ length: 10 }, () => room.hear('mailer', queued[0]?.eventId ?? '')));
    expect((await room.sent()).filter(({ metadata }) => metadata['factId'] === userId)).toHaveLength(1);
    expect(await room.eventsOf(queued[0]?.id ?? '')).toEqual(['notification.queued', 'notification.sent']);
  });

  it('shows everybody their own, newest first, page by page', async () => {
    const [ada, ben] = [await room.aUser(), await room.aUser()];
    for (const userId of [ada, ben, ada, ada]) {
      await room.hear('notifications', await room.record({ name: 'user.verification-requested', payload: { userId } }));
    }
    const all = await room.notifications.listOf(ada, { limit: 10 });
    expect(all.map(({ userId }) => userId)).toEqual([ada, ada, ada]);
    expect(all.map(({ id }) => id)).toEqual(
      all
        .map(({ id }) => id)
        .sort()
        .reverse(),
    );
    const rest = await room.notifications.listOf(ada, { limit: 10, after: all[0]?.id });
    expect(rest.map(({ id }) => id)).toEqual(all.slice(1).map(({ id }) => id));
  });

  describe('when two claims overlap, because the first outlived its lease', () => {
    /** An effect that nothing else makes unique. */
    const told: Effect = async (tx) => {
      const stream = `told-${newId()}`;
      await tx.query(`INSERT INTO events (id, stream, version, name, payload) VALUES ($1, $2, 1, 'told', '{}')`, [
        newId(),
        stream,
      ]);
    };

    async function timesTold(): Promise<number> {
      const [row] = await room.db.query<{ n: number }>(`SELECT count(*)::int AS n FROM events WHERE name = 'told'`);
      return row?.n ?? 0;
    }

    /** Two workers begin on one delivery before either ends: each calls `enter`, and waits for the other. */
    function meeting(size: number): () => Promise<void> {
      let waiting = size;
      let open: () => void = () => undefined;
      const all = new Promise<void>((resolve) => (open = resolve));
      return async () => {
        waiting -= 1;
        if (waiting === 0) open();
        await all;
      };
    }

    async function overlap(work: (eventId: string, enter: () => Promise<void>) => Promise<void>): Promise<number> {
      const before = await timesTold();
      const eventId = await room.record({ name: 'user.registered', payload: { userId: await room.aUser() } });
      const enter = meeting(2);
      const first = work(eventId, enter);
      await until(
        () => room.delivery(eventId),
        (delivery) => delivery?.attempts === 1,
      );
      await room.expireLease(eventId);
      await Promise.all([first, work(eventId, enter)]);
      return (await timesTold()) - before;
    }

    it('happens once', async () => {
      const times = await overlap((eventId, enter) => {
        const hear = async (_event: RecordedEvent<'user.registered'>): Promise<Effect> => {
          await enter();
          return told;
        };
        const handlers = {
          'user.registered': hear,
          'user.registered-again': () => told,
          'user.verification-requested': () => told,
          'user.reset-requested': () => told,
          'user.password-changed': () => told,
          'user.address-change-requested': () => told,
          'user.logins-throttled': () => told,
          'user.export-requested': () => told,
          'user.erased': () => told,
          'user.mfa-enabled': () => told,
          'user.mfa-disabled': () => told,
          'order.placed': () => told,
          'payment.succeeded': () => told,
          'refund.succeeded': () => told,
        };
        return room.consumer.consume<'notifications'>({ eventId, subscriber: 'notifications', attempts: 0 }, handlers);
      });
      expect(times).toBe(1);
    });

    it('would happen twice with the effect before the DELETE', async () => {
      const times = await overlap(async (eventId, enter) => {
        const claim = await room.deliveries.claim({ eventId, subscriber: 'notifications', attempts: 0 });
        if (!claim) throw new Error('not claimed');
        await enter();
        await room.transactions.run(async (tx) => {
          await told(tx);
          await room.deliveries.close(tx, claim);
        });
      });
      expect(times).toBe(2);
    });
  });
});
