import type { Job } from 'bull';
import { DataSource } from 'typeorm';
import { ALL_ENTITIES } from '../../src/app/entities.js';
import type { NewEvent, Subscriber } from '../../src/contracts/domain-events.js';
import {
  type Contact,
  OrderSummaries,
  type OrderSummary,
  PaymentSummaries,
  RefundSummaries,
  UserDirectory,
} from '../../src/contracts/letters.js';
import { Channels } from '../../src/domains/notifications/channels/channels.js';
import { EmailChannel } from '../../src/domains/notifications/channels/email.channel.js';
import { LettersService } from '../../src/domains/notifications/letters.service.js';
import { MailerProcessor } from '../../src/domains/notifications/mailer.processor.js';
import type { Notification } from '../../src/domains/notifications/notification.entity.js';
import { NotificationsProcessor } from '../../src/domains/notifications/notifications.processor.js';
import { NotificationsRepository } from '../../src/domains/notifications/notifications.repository.js';
import { PersonalNotificationsRepository } from '../../src/domains/notifications/personal-notifications.repository.js';
import { SendingService } from '../../src/domains/notifications/sending.service.js';
import type { Config } from '../../src/platform/config/config.js';
import { testConfig } from '../support/config.js';
import { dataSourceOptions } from '../../src/platform/database/data-source.js';
import { Transactions } from '../../src/platform/database/transactions.js';
import { Consumer } from '../../src/platform/events/consumer.js';
import { DeliveriesRepository, type DispatchedDelivery } from '../../src/platform/events/deliveries.repository.js';
import { Events } from '../../src/platform/events/events.js';
import { ParkedDeliveriesRepository } from '../../src/platform/events/parked-deliveries.repository.js';
import { Alarms } from '../../src/platform/telemetry/alarms.js';
import { Log } from '../../src/platform/telemetry/log.js';
import { newId } from '../../src/shared/ids.js';
import type { JournalEntry } from '../../tools/sandbox/core/journal.js';
import { Rig } from '../contract/sandbox.fixture.js';
import { guardsOf, NEVER_OPENS } from '../support/provider-guards.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

/** Stands for the domains that are asked: what they answer is a field. */
export class Answers {
  contact: Omit<Contact, 'userId'> | null = { email: 'ada@shop.example', displayName: 'Ada' };
  link: string | null = 'https://shop.example/v1/auth/verify-email?token=t-1';
  /** Thrown instead of an answer. */
  outage: Error | null = null;

  readonly users: UserDirectory;
  readonly orders: OrderSummaries;
  readonly payments: PaymentSummaries;
  readonly refunds: RefundSummaries;

  constructor() {
    this.users = {
      contactOf: async (userId) => this.give(this.contact && { userId, ...this.contact }),
      verificationLinkOf: async () => this.give(this.link),
      accountLinkOf: async () => this.give(this.link),
      addressChangeOf: async () => this.give({ address: 'new@shop.example', link: this.link }),
    };
    this.orders = {
      summaryOf: async (orderId): Promise<OrderSummary> =>
        this.give({
          orderId,
          totalAmount: 2_980,
          currency: 'USD',
          items: [{ name: 'Mug', quantity: 2, unitAmount: 1_490 }],
        }),
    };
    this.payments = { summaryOf: async () => this.give({ capturedAmount: 2_980, currency: 'USD' }) };
    this.refunds = { refundOf: async () => this.give({ amount: 1_490, currency: 'USD' }) };
  }

  private give<T>(answer: T): T {
    if (this.outage) throw this.outage;
    return answer;
  }
}

class HeardAlarms extends Alarms {
  readonly raised: string[] = [];

  override raise(code: string): void {
    this.raised.push(code);
  }
}

/** The consumers of a worker on one database and one sandbox, without Bull: a test decides who hears what, and when. */
export class Mailroom {
  readonly answers = new Answers();
  readonly transactions: Transactions;
  readonly deliveries: DeliveriesRepository;
  readonly parked: ParkedDeliveriesRepository;
  readonly notifications: NotificationsRepository;
  readonly sending: SendingService;
  readonly consumer: Consumer;
  readonly alarms: HeardAlarms;
  private readonly ears: Pick<Record<Subscriber, NotificationsProcessor | MailerProcessor>, 'notifications' | 'mailer'>;

  readonly letters: LettersService;
  readonly channels: Channels;

  private constructor(
    readonly db: TestDatabase,
    readonly rig: Rig,
    private readonly own: { config: Config; dataSource: DataSource },
  ) {
    const { config, dataSource } = own;
    const log = new Log(config);
    this.alarms = new HeardAlarms(log);
    this.transactions = new Transactions(dataSource);
    this.deliveries = new DeliveriesRepository(dataSource, config);
    this.parked = new ParkedDeliveriesRepository(dataSource);
    this.notifications = new NotificationsRepository(dataSource);
    this.consumer = new Consumer(this.deliveries, this.transactions, this.alarms, log, config);
    this.letters = new LettersService(
      this.answers.users,
      this.answers.orders,
      this.answers.payments,
      this.answers.refunds,
    );
    this.channels = new Channels(new EmailChannel(config, guardsOf(config, this.alarms)));
    this.sending = new SendingService(this.notifications, this.letters, this.channels);
    this.ears = {
      notifications: new NotificationsProcessor(
        this.consumer,
        this.notifications,
        new PersonalNotificationsRepository(dataSource),
      ),
      mailer: new MailerProcessor(this.consumer, this.sending),
    };
  }

  static async open(settings: Record<string, string> = {}): Promise<Mailroom> {
    const db = await createTestDatabase();
    const rig = await Rig.start();
    const config = testConfig({
      APP_ENV: 'test',
      LOG_LEVEL: 'CRITICAL',
      DATABASE_URL: db.databaseUrl,
      REDIS_URL: 'redis://127.0.0.1:1',
      SENDGRID_API_KEY: 'SG.integration-key',
      SENDGRID_API_URL: rig.url,
      ...NEVER_OPENS,
      ...settings,
    });
    const dataSource = await new DataSource({ ...dataSourceOptions(config), entities: ALL_ENTITIES }).initialize();
    return new Mailroom(db, rig, { config, dataSource });
  }

  async close(): Promise<void> {
    await this.own.dataSource.destroy();
    await this.rig.close();
    await this.db.drop();
  }

  async aUser(): Promise<string> {
    const id = newId();
    await this.db.query(`INSERT INTO users (id, email, password_hash) VALUES ($1, $2, 'x')`, [
      id,
      `${id}@shop.example`,
    ]);
    return id;
  }

  /** Records a fact as its domain does; the id of its event. */
  async record(event: Pick<NewEvent, 'name' | 'payload'>): Promise<string> {
    const stream = `test-${newId()}`;
    const events = new Events();
    await this.transactions.run((tx) => events.append(tx, { stream, version: 1, ...event }));
    const [row] = await this.db.query<{ id: string }>(`SELECT id FROM events WHERE stream = $1`, [stream]);
    return row?.id ?? '';
  }

  /** One consumer hears one delivery, as if Bull had handed it over. */
  async hear(subscriber: 'notifications' | 'mailer', eventId: string): Promise<void> {
    const data: DispatchedDelivery = { eventId, subscriber, attempts: 0 };
    await this.ears[subscriber].hear({ data } as Job<DispatchedDelivery>);
  }

  /** A notification that waits to be sent: its row's id, and the event that has it sent. */
  async aQueued(kind: 'welcome' | 'order-placed' = 'welcome'): Promise<{ id: string; eventId: string }> {
    const userId = await this.aUser();
    const orderId = newId();
    const fact: Pick<NewEvent, 'name' | 'payload'> =
      kind === 'welcome'
        ? { name: 'user.registered', payload: { userId } }
        : { name: 'order.placed', payload: { orderId, userId, totalAmount: 2_980, currency: 'USD' } };
    await this.hear('notifications', await this.record(fact));
    const [queued] = await this.db.query<{ id: string; eventId: string }>(
      `SELECT n.id, e.id AS "eventId" FROM notifications AS n JOIN events AS e ON e.stream = 'notification-' || n.id
        WHERE n.user_id = $1`,
      [userId],
    );
    if (!queued) throw new Error('nothing was queued');
    return queued;
  }

  async row(id: string): Promise<Pick<Notification, 'status' | 'ambiguousSends' | 'lastError' | 'providerMessageId'>> {
    const [row] = await this.db.query<Notification>(
      `SELECT status, ambiguous_sends AS "ambiguousSends", last_error AS "lastError",
              provider_message_id AS "providerMessageId" FROM notifications WHERE id = $1`,
      [id],
    );
    if (!row) throw new Error(`no notification ${id}`);
    return row;
  }

  async eventsOf(id: string): Promise<string[]> {
    const rows = await this.db.query<{ name: string }>(
      `SELECT name FROM events WHERE stream = 'notification-' || $1 ORDER BY version`,
      [id],
    );
    return rows.map(({ name }) => name);
  }

  /** The work left about an event; undefined when it is closed. */
  async delivery(eventId: string) {
    const [row] = await this.db.query<{
      attempts: number;
      isParked: boolean;
      isLeased: boolean;
      lastError: string | null;
      dueInMs: number;
    }>(
      `SELECT attempts, dead_at IS NOT NULL AS "isParked", leased_until IS NOT NULL AS "isLeased",
              last_error AS "lastError", (extract(epoch FROM available_at - now()) * 1000)::float8 AS "dueInMs"
         FROM event_deliveries WHERE event_id = $1 AND subscriber IN ('notifications', 'mailer')`,
      [eventId],
    );
    return row;
  }

  /** As if the worker that holds the delivery had hung for longer than its lease. */
  async expireLease(eventId: string): Promise<void> {
    await this.db.query(`UPDATE event_deliveries SET leased_until = now() - interval '1 second' WHERE event_id = $1`, [
      eventId,
    ]);
  }

  /** Mails that SendGrid took, by its own journal. */
  async sent(): Promise<JournalEntry[]> {
    return (await this.rig.journal()).filter(({ op, outcome }) => op === 'mail.send' && outcome === 'accepted');
  }
}
