import { redisInsStore } from 'cache-manager-ioredis-yet';
import type { Redis } from 'ioredis';
import type { KeyvStoreAdapter, StoredData } from 'keyv';

/** Raise the number when the form of what is kept changes: releases that overlap then do not read each other's. */
const PREFIX = 'purser:cache:1:';
/** Larger entries are not kept: this Redis evicts nothing, and the queues live in it too. */
const ENTRY_MAX_CHARACTERS = 128 * 1_024;
const SCAN_COUNT = 500;

/** What of cache-manager-ioredis-yet is used. Its own types name members that cache-manager 7 no longer has. */
interface TextStore {
  get(key: string): Promise<unknown>;
  mget(...keys: string[]): Promise<unknown[]>;
  set(key: string, value: string, ttlMs?: number): Promise<void>;
}

/**
 * Keyv's view of cache-manager-ioredis-yet, which speaks the language of cache-manager 5: used by 7 directly its `del`
 * and `clear` throw and `wrap` never hits. Only text goes through it, Keyv's JSON: of objects it would revive the
 * strings in them too, and a product named `_function_…` would come back as code.
 */
export class RedisCacheStore implements KeyvStoreAdapter {
  readonly opts = {};
  private readonly store: TextStore;

  constructor(private readonly redis: Redis) {
    const store: object = redisInsStore(redis, { isCacheable: () => true });
    this.store = store as TextStore;
  }

  async get<Value>(key: string): Promise<StoredData<Value> | undefined> {
    return (await this.store.get(PREFIX + key)) as StoredData<Value> | undefined;
  }

  async getMany<Value>(keys: string[]): Promise<StoredData<Value | undefined>[]> {
    return (await this.store.mget(...keys.map((key) => PREFIX + key))) as StoredData<Value | undefined>[];
  }

  /** False when the entry is too large; what was there before is gone all the same. */
  async set(key: string, text: string, ttlMs?: number): Promise<boolean> {
    if (text.length > ENTRY_MAX_CHARACTERS) {
      await this.delete(key);
      return false;
    }
    await this.store.set(PREFIX + key, text, ttlMs);
    return true;
  }

  delete(key: string): Promise<boolean> {
    return this.deleteMany([key]);
  }

  async deleteMany(keys: string[]): Promise<boolean> {
    return (await this.redis.unlink(keys.map((key) => PREFIX + key))) > 0;
  }

  async has(key: string): Promise<boolean> {
    return (await this.redis.exists(PREFIX + key)) > 0;
  }

  /** Never FLUSHDB, which is this package's own `reset`: queues, counters and sessions are neighbours. */
  async clear(): Promise<void> {
    const found = this.redis.scanStream({ match: `${PREFIX}*`, count: SCAN_COUNT });
    for await (const keys of found as AsyncIterable<string[]>) {
      if (keys.length > 0) await this.redis.unlink(keys);
    }
  }

  /** Nothing is emitted: errors are thrown. */
  on(): this {
    return this;
  }
}
