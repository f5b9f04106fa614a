import type { CachedQuery } from '../../src/platform/cache/cache.js';
import { waitUntil } from '../support/wait.js';
import { asking, CacheRoom, p95, timed } from './cache.support.js';

const PRICE: CachedQuery = { namespace: 'products', key: 'price', ttlSeconds: 300 };
const DOWN_MAX_MS = 300;

let room: CacheRoom;
/** Another process. */
let other: CacheRoom;

beforeAll(async () => {
  room = await CacheRoom.open();
  other = await CacheRoom.open();
});

beforeEach(() => room.redis.flushdb());

afterAll(async () => {
  await room.close();
  await other.close();
});

/** A query that has begun and answers when it is told to. */
function slowQuery<T>() {
  let begin: () => void;
  let answer: (value: T) => void;
  const begun = new Promise<void>((resolve) => (begin = resolve));
  const answered = new Promise<T>((resolve) => (answer = resolve));
  const query = () => {
    begin();
    return answered;
  };
  return { query, begun, answer: (value: T) => answer(value) };
}

describe('an old price', () => {
  it('does not come back with a lost token, nor with the one that is made after it', async () => {
    await room.cache.wrap(PRICE, asking('old'));
    await room.cache.invalidate('products');
    await room.redis.del('purser:cache:1:token:products');
    expect(await room.cache.get(PRICE)).toBeUndefined();
    await room.cache.wrap({ ...PRICE, key: 'another' }, asking('anything'));
    expect(await room.redis.exists('purser:cache:1:token:products', 'purser:cache:1:value:products|price')).toBe(2);
    expect(await room.cache.get(PRICE)).toBeUndefined();
  });

  it('comes back when versions are counted: the control', async () => {
    const { redis } = room;
    const counted = async (query: () => Promise<string>) => {
      await redis.set('version', '1', 'NX');
      const version = await redis.get('version');
      const kept = await redis.get(`price ${version}`);
      if (kept !== null) return kept;
      const value = await query();
      await redis.set(`price ${version}`, value);
      return value;
    };
    await counted(asking('old'));
    await redis.incr('version');
    expect(await counted(asking('new'))).toBe('new');
    await redis.del('version');
    expect(await counted(asking('newest'))).toBe('old');
  });

  it('is not kept by a reader slower than the change', async () => {
    const slow = slowQuery<string>();
    const reading = room.cache.wrap(PRICE, slow.query);
    await slow.begun;
    await other.cache.invalidate('products');
    expect(await other.cache.wrap(PRICE, asking('new'))).toBe('new');
    slow.answer('old');
    await reading;
    expect(await other.cache.wrap(PRICE, asking('new'))).toBe('new');
  });

  it('is, under a key that is only deleted: the control', async () => {
    const slow = slowQuery<string>();
    const reading = room.manager.wrap('price', slow.query, 60_000);
    await slow.begun;
    await other.manager.del('price');
    expect(await other.manager.wrap('price', asking('new'), 60_000)).toBe('new');
    slow.answer('old');
    await reading;
    expect(await other.manager.wrap('price', asking('new'), 60_000)).toBe('old');
  });

  it('is not told to one who asks after the change, while a query begun before it is under way', async () => {
    const slow = slowQuery<string>();
    const reading = room.cache.wrap(PRICE, slow.query);
    await slow.begun;
    await other.cache.invalidate('products');
    expect(await room.cache.wrap(PRICE, asking('new'))).toBe('new');
    slow.answer('old');
    expect(await reading).toBe('old');
  });

  it('is, when whoever asks for the key joins: the control', async () => {
    const slow = slowQuery<string>();
    const reading = room.manager.wrap('price', slow.query, 60_000);
    await slow.begun;
    await other.manager.del('price');
    const joined = room.manager.wrap('price', asking('new'), 60_000);
    slow.answer('old');
    expect(await Promise.all([reading, joined])).toEqual(['old', 'old']);
  });
});

describe('fifty who ask at once', () => {
  it('ask the database once', async () => {
    const query = asking('page');
    const answers = await Promise.all(Array.from({ length: 50 }, () => room.cache.wrap(PRICE, query)));
    expect(new Set(answers)).toEqual(new Set(['page']));
    expect(query).toHaveBeenCalledTimes(1);
  });

  it('ask it fifty times for fifty things: the control', async () => {
    const query = asking('page');
    const keys = Array.from({ length: 50 }, (_, index) => String(index));
    await Promise.all(keys.map((key) => room.cache.wrap({ ...PRICE, key }, query)));
    expect(query).toHaveBeenCalledTimes(50);
  });
});

describe.each(['refuse', 'blackhole'] as const)('while Redis is away (%s)', (mode) => {
  let hasty: CacheRoom;

  beforeEach(async () => {
    hasty = await CacheRoom.open({});
  });

  afterEach(() => hasty.close());

  it(`answers from the query within ${DOWN_MAX_MS} ms, and says what it could not forget`, async () => {
    await room.cache.wrap(PRICE, asking('kept'));
    hasty.proxy.become(mode);
    const taken: number[] = [];
    for (let round = 0; round < 40; round += 1) {
      taken.push(await timed(async () => expect(await hasty.cache.wrap(PRICE, asking('read'))).toBe('read')));
    }
    expect(p95(taken)).toBeLessThan(DOWN_MAX_MS);
    expect(await hasty.cache.get(PRICE)).toBeUndefined();
    await hasty.cache.set(PRICE, 'set');
    await expect(hasty.cache.invalidate('products')).rejects.toThrow();
    await expect(hasty.cache.delete(PRICE)).rejects.toThrow();

    hasty.proxy.become('pass');
    const isBack = async () => (await hasty.cache.get(PRICE)) === 'kept';
    await waitUntil(isBack, { what: 'the cache to be back' });
  });
});
