import { DataSource } from 'typeorm';
import request from 'supertest';
import { JOB_NAMES } from '../../src/contracts/schedules.js';
import type { SchedulePage } from '../../src/platform/scheduling/schedule.view.js';
import { Alarms } from '../../src/platform/telemetry/alarms.js';
import { newId } from '../../src/shared/ids.js';
import { METRICS_TOKEN, Scrape, Shopfront } from './metrics.support.js';
import { waitUntil } from '../support/wait.js';

jest.setTimeout(60_000);

const LIMIT = 60;
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-/i;

let front: Shopfront;

beforeAll(async () => {
  front = await Shopfront.open({ RATE_LIMIT_PER_MINUTE: String(LIMIT) });
});

afterAll(async () => {
  await front?.close();
});

const counted = (route: string, status: string, method = 'GET') =>
  `purser_http_requests_total{method="${method}",route="${route}",status="${status}"}`;

describe('/metrics', () => {
  it('asks for its token, and no other will do', async () => {
    const admin = await front.tokenOf('admin');
    for (const token of [undefined, '', admin, METRICS_TOKEN.slice(0, -1), `${METRICS_TOKEN}x`]) {
      const { status, body, headers } = await front.get('/metrics', token);
      expect([status, (body as { code: string }).code]).toEqual([401, 'unauthenticated']);
      expect(headers['www-authenticate']).toBe('Bearer');
    }
    const basic = request(front.app.getHttpServer()).get('/metrics').set('Authorization', METRICS_TOKEN);
    expect((await basic).status).toBe(401);
    expect((await front.get('/v1/metrics', METRICS_TOKEN)).status).toBe(404);
  });

  it("answers in Prometheus' text format, with everything that was promised", async () => {
    const { text, headers } = await front.get('/metrics', METRICS_TOKEN).expect(200);
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(headers['cache-control']).toBe('no-store');
    expect(new Scrape(text).names).toEqual([
      'purser_http_requests_total',
      'purser_http_request_duration_seconds',
      'purser_alarms_total',
      'purser_provider_up',
      'purser_provider_calls_not_made_total',
      'purser_event_loop_delay_p99_seconds',
      'process_resident_memory_bytes',
      'process_cpu_seconds_total',
      'purser_database_pool',
      'purser_redis_up',
      'purser_database_up',
      'purser_deliveries_open',
      'purser_deliveries_parked',
      'purser_deliveries_oldest_age_seconds',
      'purser_signups_total',
      'purser_orders_placed_total',
      'purser_orders_completed_total',
      'purser_revenue_minor_units_total',
    ]);
  });

  it('reads a text that is none as Prometheus would: not at all (control)', () => {
    expect(() => new Scrape('x{a="b} 1\n')).toThrow('no line');
    expect(() => new Scrape('x 1\nx 2\n')).toThrow('twice');
    expect(() => new Scrape('x 1')).toThrow('no end');
  });

  it('counts a request under its template, whatever the id, and names no id anywhere', async () => {
    const token = await front.tokenOf('user');
    for (let index = 0; index < 3; index += 1) await front.get(`/v1/orders/${newId()}`, token).expect(404);
    await front.get('/v1/orders', token).expect(200);
    await front.get(`/v1/orders/${newId()}`).expect(401);
    await front.get(`/nowhere/${newId()}`).expect(404);

    const scrape = await waitUntil(
      async () => {
        const latest = await front.scrape();
        return latest.value(counted('unmatched', '4xx')) === undefined ? undefined : latest;
      },
      { what: 'the last answer to be counted' },
    );
    expect(scrape.value(counted('/v1/orders/:id', '4xx'))).toBe(4);
    expect(scrape.value(counted('/v1/orders', '2xx'))).toBe(1);
    expect(scrape.text).not.toMatch(UUID);
    const of = '{method="GET",route="/v1/orders",status="2xx"';
    expect(scrape.value(`purser_http_request_duration_seconds_count${of}}`)).toBe(1);
    expect(scrape.value(`purser_http_request_duration_seconds_bucket${of},le="+Inf"}`)).toBe(1);
    expect(scrape.value(`purser_http_request_duration_seconds_sum${of}}`)).toBeGreaterThan(0);
  });

  it('tells how full the process is', async () => {
    const scrape = await front.scrape();
    expect(scrape.value('process_resident_memory_bytes')).toBeGreaterThan(10_000_000);
    expect(scrape.value('purser_event_loop_delay_p99_seconds')).toBeGreaterThanOrEqual(0);
    expect(scrape.value('purser_database_pool{state="total"}')).toBeGreaterThan(0);
    expect(scrape.value('purser_database_pool{state="waiting"}')).toBe(0);
    expect([scrape.value('purser_redis_up'), scrape.value('purser_database_up')]).toEqual([1, 1]);
  });

  it('counts alarms by their code', async () => {
    const log = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
    front.app.get(Alarms, { strict: false }).raise('test-alarm', { orderId: newId() });
    front.app.get(Alarms, { strict: false }).raise('test-alarm', { orderId: newId() });
    log.mockRestore();
    expect((await front.scrape()).value('purser_alarms_total{code="test-alarm"}')).toBe(2);
  });

  it('tells of work: open, parked, and how old the oldest is', async () => {
    const event = `INSERT INTO events (id, stream, version, name, payload, occurred_at)
      VALUES ($1, $1::uuid || '-x', 1, 'user.changed', '{}', now() - interval '90 seconds')`;
    const delivery = `INSERT INTO event_deliveries (event_id, subscriber, dead_at) VALUES ($1, $2, $3)`;
    const [open, parked] = [newId(), newId()];
    for (const id of [open, parked]) await front.db.query(event, [id]);
    await front.db.query(delivery, [open, 'mailer', null]);
    await front.db.query(delivery, [parked, 'mailer', new Date()]);

    const scrape = await front.scrape();
    expect(scrape.value('purser_deliveries_open{subscriber="mailer"}')).toBe(1);
    expect(scrape.value('purser_deliveries_parked{subscriber="mailer"}')).toBe(1);
    expect(scrape.value('purser_deliveries_oldest_age_seconds')).toBeGreaterThanOrEqual(90);
    await front.db.query(`DELETE FROM event_deliveries`);
    expect((await front.scrape()).value('purser_deliveries_oldest_age_seconds')).toBe(0);
  });

  it('tells what it can while the database is down', async () => {
    const down = new Error('connect ECONNREFUSED');
    const query = jest.spyOn(front.app.get(DataSource, { strict: false }), 'query').mockRejectedValue(down);
    const scrape = await front.scrape();
    query.mockRestore();
    expect([scrape.value('purser_database_up'), scrape.value('purser_redis_up')]).toEqual([0, 1]);
    expect(scrape.names).not.toContain('purser_signups_total');
    expect((await front.scrape()).value('purser_database_up')).toBe(1);
  });

  it('is not limited, does not use up the limit of others, and does not count itself', async () => {
    for (let index = 0; index < LIMIT + 5; index += 1) await front.scrape();
    const answer = await front.get('/metrics', METRICS_TOKEN);
    expect(answer.headers['ratelimit-limit']).toBeUndefined();
    expect((await front.get('/v1/products')).status).toBe(200);
    expect(answer.text).not.toContain('route="/metrics"');
  });
});

describe('/metrics with its cache', () => {
  it('asks the database once, however many scrape it, and the process each time', async () => {
    const cached = await Shopfront.open({ METRICS_CACHE_MS: '60000' });
    const query = jest.spyOn(cached.app.get(DataSource, { strict: false }), 'query');
    await Promise.all(Array.from({ length: 10 }, () => cached.scrape()));
    expect(query).toHaveBeenCalledTimes(3);
    await cached.get('/v1/orders').expect(401);
    const again = await waitUntil(async () => (await cached.scrape()).value(counted('/v1/orders', '4xx')), {
      what: 'the request to be counted',
    });
    expect(again).toBe(1);
    expect(query).toHaveBeenCalledTimes(3);
    query.mockRestore();
    await cached.close();
  });
});

describe('GET /v1/admin/schedules', () => {
  it('shows every job, its last runs and its next slot', async () => {
    await front.db.query(
      `INSERT INTO schedule_runs (job, slot, started_at, finished_at, outcome)
       SELECT 'forget-sessions', '2026-03-01T00:00:00Z'::timestamptz + n * interval '1 day',
              '2026-03-01T00:00:01Z', '2026-03-01T00:00:02Z', n || ' deleted' FROM generate_series(1, 7) AS n`,
    );
    await front.db.query(`INSERT INTO schedule_runs (job, slot) VALUES ('summarise-sales', '2026-03-01T00:00:00Z')`);
    const { body } = await front.get('/v1/admin/schedules', await front.tokenOf('admin')).expect(200);
    const { data, next } = body as SchedulePage;
    expect(next).toBeNull();
    expect(data.map(({ job }) => job)).toEqual(JOB_NAMES);
    const of = (name: string) => data.find(({ job }) => job === name);
    expect(of('forget-sessions')).toMatchObject({ every: 'day', what: expect.stringMatching(/sessions/) as string });
    expect(of('forget-sessions')?.runs.map(({ outcome }) => outcome)).toEqual(
      [7, 6, 5, 4, 3].map((n) => `${n} deleted`),
    );
    expect(of('forget-sessions')?.runs[0]).toEqual({
      slot: '2026-03-08T00:00:00.000Z',
      startedAt: '2026-03-01T00:00:01.000Z',
      finishedAt: '2026-03-01T00:00:02.000Z',
      outcome: '7 deleted',
    });
    expect(of('summarise-sales')?.runs).toMatchObject([{ finishedAt: null, outcome: null }]);
    expect(of('forget-webhooks')?.runs).toEqual([]);
    for (const { every, nextSlot } of data) {
      expect(nextSlot).toMatch(every === 'hour' ? /:00:00\.000Z$/ : /T00:00:00\.000Z$/);
      expect(new Date(nextSlot).getTime()).toBeGreaterThan(Date.now());
    }
  });

  it.each([['user'], ['support']] as const)('is not for %s', async (role) => {
    await front.get('/v1/admin/schedules', await front.tokenOf(role)).expect(403);
  });
});
