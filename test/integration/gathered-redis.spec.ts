import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { GatheredRedis } from '../../src/platform/cache/gathered-redis.js';
import { harness } from '../support/harness.js';

let redis: Redis;
let gathered: GatheredRedis;

beforeAll(() => {
  redis = new Redis(harness().redisUrl);
  gathered = new GatheredRedis(redis);
});

afterAll(() => redis?.quit());

const newKey = () => `purser:test:${randomUUID()}`;

/** How many commands our script was while `work` ran. */
async function commandsDuring(work: () => Promise<unknown>): Promise<number> {
  const calls = async () => {
    const stats = await redis.info('commandstats');
    return Number(/cmdstat_evalsha:calls=(\d+)/.exec(stats)?.[1] ?? 0);
  };
  const before = await calls();
  await work();
  return (await calls()) - before;
}

it('asks for all that is wanted in one turn at once, and gives everybody their own', async () => {
  const [shared, other, text] = [newKey(), newKey(), newKey()];
  await redis.set(text, 'a session');
  await gathered.count(newKey(), 1_000);
  let answers: unknown[] = [];
  const commands = await commandsDuring(async () => {
    answers = await Promise.all([
      gathered.count(shared, 60_000),
      gathered.read(text),
      gathered.count(shared, 60_000),
      gathered.read(newKey()),
      gathered.count(other, 5_000),
    ]);
  });
  expect(commands).toBe(1);
  expect(answers).toEqual([
    [1, expect.any(Number)],
    'a session',
    [2, expect.any(Number)],
    null,
    [1, expect.any(Number)],
  ]);
  expect(await redis.pttl(other)).toBeLessThanOrEqual(5_000);
  expect(await redis.pttl(shared)).toBeGreaterThan(5_000);
});

it('asks in parts when very much is wanted, and counts nothing twice', async () => {
  const key = newKey();
  const counts = await Promise.all(Array.from({ length: 250 }, () => gathered.count(key, 60_000)));
  expect(counts.map(([count]) => count)).toEqual(Array.from({ length: 250 }, (_, index) => index + 1));
  expect(await redis.get(key)).toBe('250');
});

it('goes on when Redis has forgotten the script, and gives a counter without an end one', async () => {
  await redis.script('FLUSH');
  const key = newKey();
  await redis.set(key, 41);
  expect(await gathered.count(key, 60_000)).toEqual([42, 60_000]);
  expect(await redis.pttl(key)).toBeGreaterThan(0);
});

it('tells everybody of a failure, and goes on with the next', async () => {
  const [broken, whole] = [newKey(), newKey()];
  await redis.lpush(broken, 'no number');
  const ends = await Promise.allSettled([gathered.read(whole), gathered.count(broken, 1_000)]);
  expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await gathered.count(whole, 1_000)).toEqual([1, 1_000]);
});
