import { JOB_NAMES, SCHEDULES } from '../../src/contracts/schedules.js';
import { PollLoop } from '../../src/platform/scheduling/poll-loop.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { waitUntil } from '../support/wait.js';
import { ClockWorker, createNotes, NotedJobs } from './schedules.support.js';

jest.setTimeout(60_000);

const WORKERS = 3;
const HOURLY = JOB_NAMES.filter((job) => SCHEDULES[job].every === 'hour');

interface Run {
  readonly job: string;
  readonly slot: Date;
  readonly finishedAt: Date | null;
  readonly outcome: string | null;
}

let db: TestDatabase;
let noted: NotedJobs;
let workers: ClockWorker[];

beforeEach(async () => {
  db = await createTestDatabase();
  await createNotes(db);
  // An hour that begins in the middle of a test would be right, and counted.
  const left = `SELECT date_trunc('hour', now()) + interval '1 hour' - now() > interval '10 seconds' AS "isFar"`;
  const isFar = async () => (await db.query<{ isFar: boolean }>(left))[0]?.isFar;
  await waitUntil(isFar, { what: 'the hour not to be about to end' });
  noted = new NotedJobs();
  workers = await Promise.all(Array.from({ length: WORKERS }, () => ClockWorker.start(db, noted.jobs)));
});

afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.stop()));
  await db.drop();
});

/** Every worker's own loop, side by side, for as many turns each. */
async function runLoops(turns: number): Promise<void> {
  const loops = workers.map(({ schedules }) => {
    const state = { turns: 0, error: undefined as unknown };
    const turn = async () => {
      if (state.turns === turns) return false;
      await schedules.claimDue();
      state.turns += 1;
      return state.turns < turns;
    };
    return { state, loop: new PollLoop({ intervalMs: 1, turn, onOutage: (error) => (state.error = error) }) };
  });
  for (const { loop } of loops) loop.start();
  await waitUntil(() => loops.every(({ state }) => state.turns >= turns), { what: 'all loops to have turned' });
  await Promise.all(loops.map(({ loop }) => loop.stop()));
  expect(loops.map(({ state }) => state.error)).toEqual(loops.map(() => undefined));
}

/** Hands every open delivery to all workers at once, as a dispatch that was repeated would. */
async function deliver(): Promise<void> {
  const open = await db.query<{ id: string }>(
    `SELECT event_id AS id FROM event_deliveries WHERE subscriber = 'schedules' AND dead_at IS NULL`,
  );
  await Promise.all(open.flatMap(({ id }) => workers.map((worker) => worker.hear(id))));
}

/** As if what was claimed until now had been claimed so much earlier. */
async function age(jobs: readonly string[], by: string): Promise<void> {
  await db.query(`UPDATE schedule_runs SET slot = slot - $2::interval WHERE job = ANY ($1)`, [jobs, by]);
  await db.query(`ALTER TABLE events DISABLE TRIGGER events_append_only`);
  const rename = `UPDATE events SET stream = 'earlier-' || stream WHERE payload ->> 'job' = ANY ($1)`;
  await db.query(rename, [jobs]);
}

function runs(): Promise<Run[]> {
  return db.query(`SELECT job, slot, finished_at AS "finishedAt", outcome FROM schedule_runs ORDER BY job, slot`);
}

async function effects(): Promise<string[]> {
  return (await db.query<{ job: string }>(`SELECT job FROM noted_effects ORDER BY job`)).map(({ job }) => job);
}

const sorted = (names: readonly string[]): string[] => [...names].sort();

describe('scheduled work', () => {
  it(`is claimed once per slot by ${WORKERS} loops side by side, and done once`, async () => {
    await runLoops(20);

    const claimed = await runs();
    expect(claimed.map(({ job }) => job)).toEqual(sorted(JOB_NAMES));
    const [events] = await db.query(`SELECT count(*)::integer AS n FROM events WHERE name = 'schedule.due'`);
    expect(events).toEqual({ n: JOB_NAMES.length });

    await deliver();
    expect(sorted(noted.ran)).toEqual(sorted(JOB_NAMES));
    expect(await effects()).toEqual(sorted(JOB_NAMES));
    for (const { job, finishedAt, outcome } of await runs()) {
      expect([job, finishedAt instanceof Date, outcome]).toEqual([job, true, `did ${job}`]);
    }
  });

  it('runs three times without the keys that decide (control)', async () => {
    await db.query(`ALTER TABLE schedule_runs DROP CONSTRAINT schedule_runs_pkey`);
    await db.query(`ALTER TABLE events DROP CONSTRAINT events_stream_version_key`);

    await runLoops(1);

    const three = sorted(JOB_NAMES.flatMap((job) => Array<string>(WORKERS).fill(job)));
    expect((await runs()).map(({ job }) => job)).toEqual(three);
    await deliver();
    expect(await effects()).toEqual(three);
  });

  it('is held to one claim by the event alone, should the first key be lost', async () => {
    await db.query(`ALTER TABLE schedule_runs DROP CONSTRAINT schedule_runs_pkey`);
    const claims = await Promise.allSettled(workers.map(({ schedules }) => schedules.claimDue()));
    expect(claims.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await runs()).toHaveLength(JOB_NAMES.length);
  });

  it('runs once for the latest slot that was missed, and not for those before it', async () => {
    await runLoops(1);
    await deliver();
    await age(JOB_NAMES, '5 days');
    noted.ran.length = 0;

    await runLoops(5);
    await deliver();

    expect(sorted(noted.ran)).toEqual(sorted(JOB_NAMES));
    const fresh = (await runs()).filter(({ slot }) => Date.now() - slot.getTime() < 24 * 3_600_000);
    expect(fresh.map(({ job }) => job)).toEqual(sorted(JOB_NAMES));
    expect(await runs()).toHaveLength(2 * JOB_NAMES.length);
  });

  it('is due again when the next hour begins, and only what is hourly', async () => {
    await runLoops(1);
    await age(HOURLY, '1 hour');
    const claimed = await workers[0]?.schedules.claimDue();
    expect(claimed?.map(({ job }) => job)).toEqual(HOURLY);
  });

  it("goes by PostgreSQL's clock in UTC, whatever this process and its session believe", async () => {
    await runLoops(1);
    await db.query(`ALTER ROLE purser_app IN DATABASE ${db.name} SET timezone = 'Asia/Kolkata'`);
    const elsewhere = await ClockWorker.start(db, noted.jobs);
    workers.push(elsewhere);
    const clock = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 26 * 3_600_000);
    try {
      expect(await elsewhere.schedules.claimDue()).toEqual([]);
    } finally {
      clock.mockRestore();
    }
    for (const { job, slot } of await runs()) {
      const unit = SCHEDULES[job as keyof typeof SCHEDULES].every === 'hour' ? 3_600_000 : 24 * 3_600_000;
      expect([job, slot.getTime() % unit]).toEqual([job, 0]);
    }
  });

  it('that fails has no end, and is tried again until it has one', async () => {
    await workers[0]?.schedules.claimDue();
    const [event] = await db.query<{ id: string }>(
      `SELECT id FROM events WHERE payload ->> 'job' = 'forget-sessions' AND name = 'schedule.due'`,
    );
    const run = async () => (await runs()).find(({ job }) => job === 'forget-sessions');
    noted.trouble = new Error('the disk is full');

    await workers[0]?.hear(event?.id ?? '');
    expect(await run()).toMatchObject({ finishedAt: null, outcome: null });
    expect(await effects()).toEqual([]);

    await workers[1]?.hear(event?.id ?? '');
    expect(await run()).toMatchObject({ outcome: 'did forget-sessions' });
    expect(noted.ran).toEqual(['forget-sessions', 'forget-sessions']);
    expect(await effects()).toEqual(['forget-sessions']);
  });

  it('of another release is parked instead of forgotten', async () => {
    await workers[0]?.schedules.claimDue();
    const [event] = await db.query<{ id: string }>(`SELECT id FROM events WHERE name = 'schedule.due' LIMIT 1`);
    await db.query(`ALTER TABLE events DISABLE TRIGGER events_append_only`);
    await db.query(`UPDATE events SET payload = payload || '{"job":"unheard-of"}' WHERE id = $1`, [event?.id]);
    await workers[0]?.hear(event?.id ?? '');
    const parked = await db.query(`SELECT last_error FROM event_deliveries WHERE dead_at IS NOT NULL`);
    expect(parked).toEqual([{ last_error: 'Error: nobody here does unheard-of' }]);
  });
});
