import { DataSource } from 'typeorm';
import { dataSourceOptions } from '../../src/platform/database/data-source.js';
import { Transactions } from '../../src/platform/database/transactions.js';
import { Consumer, type Effect } from '../../src/platform/events/consumer.js';
import { DeliveriesRepository } from '../../src/platform/events/deliveries.repository.js';
import { Events } from '../../src/platform/events/events.js';
import { Alarms } from '../../src/platform/telemetry/alarms.js';
import { Log } from '../../src/platform/telemetry/log.js';
import { newId } from '../../src/shared/ids.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { waitUntil } from '../support/wait.js';
import { settingsOf } from './schedules.support.js';

/** A process whose event loop is blocked renews nothing. */
class Blocked extends DeliveriesRepository {
  override renew(): Promise<void> {
    return Promise.resolve();
  }
}

/** The mutant: whoever has done the work may leave its effect, whether the delivery is still there or not. */
class Trusting extends Blocked {
  override async close(...given: Parameters<DeliveriesRepository['close']>): Promise<boolean> {
    await super.close(...given);
    return true;
  }
}

let db: TestDatabase;
let dataSource: DataSource;
let transactions: Transactions;

beforeEach(async () => {
  db = await createTestDatabase();
  await db.query(`CREATE TABLE noted_effects (of_worker text NOT NULL)`);
  await db.query(`GRANT INSERT ON noted_effects TO purser_app`);
  dataSource = await new DataSource(dataSourceOptions(settingsOf(db))).initialize();
  transactions = new Transactions(dataSource);
});

afterEach(async () => {
  await dataSource.destroy();
  await db.drop();
});

async function aDelivery(): Promise<string> {
  const stream = `test-${newId()}`;
  const event = { name: 'notification.queued', stream, version: 1, payload: { notificationId: newId() } } as const;
  await transactions.run((tx) => new Events().append(tx, event));
  const [row] = await db.query<{ id: string }>(`SELECT id FROM events WHERE stream = $1`, [stream]);
  return row?.id ?? '';
}

/** One worker that hears the event, and comes to its effect when it is let on. */
function worker(name: string, repository: typeof DeliveriesRepository) {
  const config = settingsOf(db, { DELIVERY_LEASE_MS: '100' });
  const log = new Log(config);
  const consumer = new Consumer(new repository(dataSource, config), transactions, new Alarms(log), log, config);
  let letOn: () => void = () => undefined;
  const mayGoOn = new Promise<void>((resolve) => (letOn = resolve));
  const state = { starts: 0 };
  const work = async (): Promise<Effect> => {
    state.starts += 1;
    await mayGoOn;
    const note = `INSERT INTO noted_effects (of_worker) VALUES ($1)`;
    return async (tx) => void (await tx.query(note, [name]));
  };
  const hear = (eventId: string) =>
    consumer.consume<'mailer'>({ eventId, subscriber: 'mailer', attempts: 0 }, { 'notification.queued': work });
  return { state, hear, letOn: () => letOn() };
}

async function leaseIsOver(eventId: string): Promise<void> {
  const over = `SELECT 1 FROM event_deliveries WHERE event_id = $1 AND leased_until < now()`;
  await waitUntil(async () => (await db.query(over, [eventId])).length > 0, { what: 'the lease to end' });
}

async function effects(): Promise<string[]> {
  return (await db.query<{ name: string }>(`SELECT of_worker AS name FROM noted_effects`)).map(({ name }) => name);
}

/** Two workers begin the same work, as the first one's lease ended while its event loop was blocked. */
async function bothBegin(repository: typeof DeliveriesRepository) {
  const eventId = await aDelivery();
  const [first, second] = [worker('first', repository), worker('second', repository)];
  const ends = [first.hear(eventId)];
  await waitUntil(() => first.state.starts === 1, { what: 'the first to begin' });
  await leaseIsOver(eventId);
  ends.push(second.hear(eventId));
  await waitUntil(() => second.state.starts === 1, { what: 'the second to begin' });
  return { first, second, ends };
}

describe('work that two workers do at the same time', () => {
  it.each(['the second', 'both at once'] as const)('has its effect once when %s ended first', async (order) => {
    const { first, second, ends } = await bothBegin(Blocked);
    second.letOn();
    if (order === 'the second') await ends[1];
    first.letOn();
    await Promise.all(ends);

    expect([first.state.starts, second.state.starts]).toEqual([1, 1]);
    expect(await effects()).toEqual(['second']);
    expect(await db.query(`SELECT 1 FROM event_deliveries`)).toEqual([]);
  });

  it('has it twice when the effect does not depend on the DELETE before it (control)', async () => {
    const { first, second, ends } = await bothBegin(Trusting);
    second.letOn();
    await ends[1];
    first.letOn();
    await Promise.all(ends);

    expect(await effects()).toEqual(['second', 'first']);
  });
});

describe('the event of a change that is rolled back', () => {
  const event = { name: 'notification.queued', version: 1, payload: { notificationId: newId() } } as const;
  const counted = `SELECT (SELECT count(*) FROM events)::integer AS events,
    (SELECT count(*) FROM event_deliveries)::integer AS deliveries`;

  it('never was, and nobody works on it', async () => {
    const change = transactions.run(async (tx) => {
      await new Events().append(tx, { ...event, stream: 'test-rolled-back' });
      throw new Error('changed our mind');
    });
    await expect(change).rejects.toThrow('changed our mind');
    expect(await db.query(counted)).toEqual([{ events: 0, deliveries: 0 }]);
  });

  it('is heard when it was appended in a transaction of its own (control)', async () => {
    const change = transactions.run(async () => {
      await transactions.run((own) => new Events().append(own, { ...event, stream: 'test-own' }));
      throw new Error('changed our mind');
    });
    await expect(change).rejects.toThrow('changed our mind');
    expect(await db.query(counted)).toEqual([{ events: 1, deliveries: 1 }]);
  });
});
