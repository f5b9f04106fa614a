import { Limiter } from '../../src/platform/http/limiter.js';
import { Proxy } from '../support/proxy.js';
import { waitUntil } from '../support/wait.js';
import { type Answer, Door, emptyRedis, testRedisUrl } from './problem.support.js';

const LIMIT = 10;
const LIMITED = { RATE_LIMIT_PER_MINUTE: String(LIMIT) };
/** Who is about the shared count must not be told that Redis is down because the machine is busy. */
const PATIENT = { REDIS_COMMAND_TIMEOUT_MS: '10000' };
const ROUTES = ['/v1/things', '/v1/things/mine', '/v1/things?limit=3', '/v1/nowhere', '/v1/things/17'];

function allowed(answers: readonly Answer[]): number {
  return answers.filter(({ status }) => status !== 429).length;
}

/** As many requests as `times`, one after the other, to every route and every door in turn. */
async function askAround(doors: readonly Door[], times: number, init: RequestInit = {}): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let index = 0; index < times; index += 1) {
    const [door, route] = [doors[index % doors.length], ROUTES[index % ROUTES.length]];
    answers.push(await door!.ask('GET', route!, init));
  }
  return answers;
}

describe('The limit per client address', () => {
  let doors: Door[];

  beforeEach(async () => {
    await emptyRedis();
    doors = [];
  });

  afterEach(() => Promise.all(doors.map((door) => door.close())));

  async function open(given: Record<string, string> = {}): Promise<Door> {
    const door = await Door.open({ ...LIMITED, ...PATIENT, ...given });
    doors.push(door);
    await redisAnswers(door);
    return door;
  }

  it('is counted once for all routes and all servers', async () => {
    const both = [await open(), await open()];
    expect(allowed(await askAround(both, 3 * LIMIT))).toBe(LIMIT);
  });

  it('is counted twice by two servers that share no Redis: what the shared counter is for', async () => {
    const alone = { REDIS_URL: 'redis://127.0.0.1:1' };
    const both = [await Door.open({ ...LIMITED, ...alone }), await Door.open({ ...LIMITED, ...alone })];
    doors.push(...both);
    expect(allowed(await askAround(both, 4 * LIMIT))).toBe(2 * LIMIT);
  });

  it('tells how much is left, and when to come back', async () => {
    const door = await open();
    const first = await door.ask('GET', '/v1/things');
    expect(headersOf(first)).toEqual({ limit: '10', remaining: '9', reset: '60', retryAfter: null });
    await askAround([door], LIMIT - 1);
    const over = await door.ask('GET', '/v1/things');
    expect([over.status, over.body.code]).toEqual([429, 'too-many-requests']);
    const { retryAfter, ...left } = headersOf(over);
    expect(left).toMatchObject({ limit: '10', remaining: '0' });
    expect(Number(retryAfter)).toBeGreaterThan(50);
    expect(retryAfter).toBe(left.reset);
  });

  it('lets exactly as many through when they all come at once', async () => {
    const both = [await open(), await open()];
    const answers = await Promise.all(Array.from({ length: 60 }, (_, index) => askAround([both[index % 2]!], 1)));
    expect(allowed(answers.flat())).toBe(LIMIT);
  });

  it('does not believe a forged address, and believes the proxy that is there', async () => {
    const bare = await open();
    const forged = Array.from({ length: 2 * LIMIT }, (_, index) => ({ 'x-forwarded-for': `10.0.0.${index}` }));
    const answers = await Promise.all(forged.map((headers) => bare.ask('GET', '/v1/things', { headers })));
    expect(allowed(answers)).toBe(LIMIT);

    await emptyRedis();
    const behindProxy = await open({ TRUST_PROXY_HOPS: '1' });
    const appended = forged.map(({ 'x-forwarded-for': ip }) => ({ 'x-forwarded-for': `${ip}, 203.0.113.7` }));
    const proxied = await Promise.all(appended.map((headers) => behindProxy.ask('GET', '/v1/things', { headers })));
    expect(allowed(proxied)).toBe(LIMIT);
    const other = await behindProxy.ask('GET', '/v1/things', { headers: { 'x-forwarded-for': '203.0.113.8' } });
    expect(other.status).toBe(200);
  });

  it('counts what is refused at the door: no route, no method, no JSON', async () => {
    const door = await open();
    const refused = [
      () => door.ask('GET', '/nowhere'),
      () => door.ask('PUT', '/v1/things'),
      () => door.post('/v1/things', '{'),
      () => door.ask('GET', '/v1/%'),
      () => door.post('/v1/things', 'x', { 'content-type': 'text/plain' }),
    ];
    for (let round = 0; round < LIMIT / refused.length; round += 1) for (const ask of refused) await ask();
    expect((await door.ask('GET', '/nowhere')).status).toBe(429);
    expect((await door.ask('GET', '/v1/things')).status).toBe(429);
  });

  it('does not count webhooks and the documentation', async () => {
    const door = await open();
    await askAround([door], LIMIT + 1);
    expect((await door.post('/v1/webhooks/any', '{}')).status).toBe(201);
    expect((await door.ask('GET', '/docs-json')).status).toBe(200);
    expect((await door.ask('GET', '/')).status).toBe(200);
  });
});

describe('The limit while Redis', () => {
  let proxy: Proxy;
  let door: Door;

  beforeEach(async () => {
    await emptyRedis();
    proxy = await Proxy.before(testRedisUrl());
    door = await Door.open({ ...LIMITED, REDIS_URL: proxy.through(testRedisUrl()) });
    await redisAnswers(door);
  });

  afterEach(async () => {
    await door.close();
    await proxy.close();
  });

  it('is down goes on in the process, without an error, and is shared again afterwards', async () => {
    proxy.become('refuse');
    const answers = await askAround([door], 3 * LIMIT);
    expect(allowed(answers)).toBe(LIMIT);
    expect(answers.filter(({ status }) => status >= 500)).toEqual([]);
    proxy.become('pass');
    await redisAnswers(door);
    expect((await door.ask('GET', '/v1/things')).status).toBe(200);
  });

  it('hangs costs one timeout and not one per request, and limits all the same', async () => {
    proxy.become('blackhole');
    const startedAt = performance.now();
    const answers = await askAround([door], 3 * LIMIT);
    expect(allowed(answers)).toBe(LIMIT);
    expect(performance.now() - startedAt).toBeLessThan((3 * LIMIT * 100) / 2);
    const told = door.lines.filter(({ message }) => /^Redis is down/.test(String(message)));
    expect(told).toHaveLength(1);
    proxy.become('pass');
    await redisAnswers(door);
    await waitUntil(() => door.lines.some(({ message }) => message === 'Redis is back'), {
      what: 'the end to be told',
    });
  });
});

describe('Limiter', () => {
  let door: Door;
  let limiter: Limiter;

  beforeAll(async () => {
    await emptyRedis();
    door = await Door.open();
    limiter = door.app.get(Limiter);
    await redisAnswers(door);
  });

  afterAll(() => door.close());

  it('counts per bucket, says when the window ends, and opens it again then', async () => {
    const hits = [];
    for (let index = 0; index < 3; index += 1) hits.push(await limiter.hit('a', 2, 1));
    expect(hits.map(({ isAllowed, remaining }) => [isAllowed, remaining])).toEqual([
      [true, 1],
      [true, 0],
      [false, 0],
    ]);
    expect(hits[2]?.resetSeconds).toBe(1);
    expect((await limiter.hit('b', 2, 60)).remaining).toBe(1);
    const again = await waitUntil(async () => (await limiter.hit('a', 2, 1)).isAllowed, { what: 'the next window' });
    expect(again).toBe(true);
  });

  it('forgets a bucket, and gives one hit back', async () => {
    await limiter.hit('c', 5, 60);
    await limiter.hit('c', 5, 60);
    await limiter.giveBack('c');
    expect((await limiter.hit('c', 5, 60)).count).toBe(2);
    await limiter.forget('c');
    expect((await limiter.hit('c', 5, 60)).count).toBe(1);
  });

  it('does not open a bucket by giving back to it', async () => {
    await limiter.giveBack('d');
    expect((await limiter.hit('d', 5, 60)).count).toBe(1);
  });
});

function headersOf({ headers }: Answer) {
  return {
    limit: headers.get('ratelimit-limit'),
    remaining: headers.get('ratelimit-remaining'),
    reset: headers.get('ratelimit-reset'),
    retryAfter: headers.get('retry-after'),
  };
}

async function redisAnswers(door: Door): Promise<void> {
  await waitUntil(async () => (await door.redis.ping()) === 'PONG', { what: 'the connection to Redis' });
}
