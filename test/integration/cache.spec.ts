import { redisInsStore } from 'cache-manager-ioredis-yet';
import type { CachedQuery } from '../../src/platform/cache/cache.js';
import { waitUntil } from '../support/wait.js';
import { asking, CacheRoom } from './cache.support.js';

const PRICE: CachedQuery = { namespace: 'products', key: 'price', ttlSeconds: 300 };

let room: CacheRoom;

beforeAll(async () => {
  room = await CacheRoom.open();
});

beforeEach(() => room.redis.flushdb());
afterAll(() => room.close());

describe('the store behind cache-manager', () => {
  it('does every operation', async () => {
    const { manager } = room;
    await manager.set('a', { n: 1 }, 60_000);
    await manager.mset([
      { key: 'b', value: 'two', ttl: 60_000 },
      { key: 'c', value: null, ttl: 60_000 },
    ]);
    expect(await manager.get('a')).toEqual({ n: 1 });
    expect(await manager.mget(['a', 'b', 'c', 'd'])).toEqual([{ n: 1 }, 'two', null, undefined]);
    expect(await manager.ttl('a')).toBeGreaterThan(Date.now() + 50_000);
    expect(await manager.stores[0]?.has('a')).toBe(true);

    await manager.del('a');
    await manager.mdel(['b', 'nothing']);
    expect(await manager.mget(['a', 'b'])).toEqual([undefined, undefined]);

    const query = asking(7);
    expect([await manager.wrap('w', query, 60_000), await manager.wrap('w', query, 60_000)]).toEqual([7, 7]);
    expect(query).toHaveBeenCalledTimes(1);
  });

  it('keeps nothing longer than its TTL', async () => {
    await room.manager.set('short', 1, 1_500);
    expect(await room.manager.get('short')).toBe(1);
    expect(await room.redis.pttl('purser:cache:1:short')).toBeLessThanOrEqual(1_500);
    const isGone = async () => (await room.manager.get('short')) === undefined;
    await waitUntil(isGone, { what: 'the value to be forgotten' });
    expect(await room.redis.exists('purser:cache:1:short')).toBe(0);
  });

  it('clears what is its own and nothing of its neighbours', async () => {
    await room.redis.set('purser:session:1', 'anna');
    const keys = Array.from({ length: 1_200 }, (_, index) => `purser:cache:1:k${index}`);
    await room.redis.mset(keys.flatMap((key) => [key, '1']));
    expect(await room.redis.dbsize()).toBe(1_201);
    await room.manager.clear();
    expect(await room.redis.keys('*')).toEqual(['purser:session:1']);
  });

  it('gives strings back as strings; without it the package makes a program of a name', async () => {
    const product = { name: '_function_mug|() => 7', sku: '_undefined_', note: '_date_2026-01-01' };
    await room.manager.set('product', product, 60_000);
    expect(await room.manager.get('product')).toEqual(product);

    const bare: object = redisInsStore(room.redis);
    const store = bare as { set(key: string, value: object): Promise<void>; get(key: string): Promise<typeof product> };
    await store.set('bare', product);
    expect(typeof (await store.get('bare')).name).toBe('function');
  });

  it('does not keep what is too large, nor what was there before it', async () => {
    await room.manager.set('page', 'small', 60_000);
    await room.manager.set('page', 'x'.repeat(200_000), 60_000);
    expect(await room.manager.get('page')).toBeUndefined();
  });
});

describe('the cache', () => {
  it.each([[{ amount: 1_490 }], [null], [0]])('asks once for %j', async (answer) => {
    const query = asking(answer);
    expect([await room.cache.wrap(PRICE, query), await room.cache.wrap(PRICE, query)]).toEqual([answer, answer]);
    expect(query).toHaveBeenCalledTimes(1);
  });

  it('keeps no failure', async () => {
    const query = jest.fn().mockRejectedValueOnce(new Error('no')).mockResolvedValueOnce(1_490);
    await expect(room.cache.wrap(PRICE, query)).rejects.toThrow('no');
    expect(await room.cache.wrap(PRICE, query)).toBe(1_490);
  });

  it('keeps each query as long as it is told to', async () => {
    await room.cache.wrap({ ...PRICE, ttlSeconds: 2 }, asking(1));
    await room.cache.wrap({ ...PRICE, key: 'other', ttlSeconds: 200 }, asking(2));
    expect(await room.redis.pttl('purser:cache:1:value:products|price')).toBeLessThanOrEqual(2_000);
    expect(await room.redis.pttl('purser:cache:1:value:products|other')).toBeGreaterThan(190_000);
  });

  it('sets, gets and deletes one value', async () => {
    const place = { namespace: 'user:42', key: 'name' };
    expect(await room.cache.get(place)).toBeUndefined();
    await room.cache.set({ ...place, ttlSeconds: 60 }, 'Anna');
    expect(await room.cache.get(place)).toBe('Anna');
    await room.cache.delete(place);
    expect(await room.cache.get(place)).toBeUndefined();
  });

  it('invalidates a namespace, or all below one, by one command', async () => {
    const places = ['products', 'user:7', 'user:42', 'user:42:cart'].map((namespace) => ({ namespace, key: 'k' }));
    const fill = () => Promise.all(places.map((place) => room.cache.set({ ...place, ttlSeconds: 60 }, 1)));
    const standing = async () => {
      const values = await Promise.all(places.map((place) => room.cache.get(place)));
      return places.flatMap(({ namespace }, index) => (values[index] === undefined ? [] : [namespace]));
    };
    const commands = jest.spyOn(room.connection, 'sendCommand');

    await fill();
    commands.mockClear();
    await room.cache.invalidate('user:*');
    expect(commands).toHaveBeenCalledTimes(1);
    expect(await standing()).toEqual(['products']);

    await fill();
    await room.cache.invalidate('user:42');
    expect(await standing()).toEqual(['products', 'user:7', 'user:42:cart']);

    await fill();
    await room.cache.invalidate('user:42:*');
    expect(await standing()).toEqual(['products', 'user:7', 'user:42']);
    commands.mockRestore();
  });

  it('refuses a pattern or a namespace that would match nothing', async () => {
    for (const useless of ['*', 'us*', 'user:*:cart', '', 'User:']) {
      await expect(room.cache.invalidate(useless)).rejects.toBeInstanceOf(RangeError);
    }
    await expect(room.cache.get({ namespace: 'user:*', key: 'k' })).rejects.toBeInstanceOf(RangeError);
  });
});
