import { CACHE_MANAGER, type Cache as CacheManager } from '@nestjs/cache-manager';
import { Inject, Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { patternsOf, refuseUselessPattern } from './namespaces.js';
import { SingleFlight } from './single-flight.js';

/** A token that ends early costs one query; no value outlives its own TTL by it. */
const TOKEN_TTL_MS = 86_400_000;

/** Where a value is kept: a namespace such as `products` or `user:42`, and a key that is whole within it. */
export interface CachePlace {
  readonly namespace: string;
  readonly key: string;
}

export interface CachedQuery extends CachePlace {
  readonly ttlSeconds: number;
}

/** A value and the tokens of its namespace as they were before it was read. */
interface Kept<T> {
  readonly stamp: string;
  readonly value: T;
}

interface Found<T> {
  readonly kept: Kept<T> | undefined;
  readonly tokens: readonly (string | undefined)[];
}

/**
 * What was asked before, from Redis; values are JSON. Optional: while Redis is down everything is a miss, within
 * REDIS_COMMAND_TIMEOUT_MS and then at once. Every pattern of a namespace has a random token. A value is believed as
 * long as the tokens it was stamped with stand, so that invalidating is one write, and neither a slow reader nor a lost
 * token brings an old value back.
 */
@Injectable()
export class Cache {
  private readonly flights = new SingleFlight();

  constructor(@Inject(CACHE_MANAGER) private readonly manager: CacheManager) {}

  /** The value kept there, or what `query` answers now, which is kept. At a time each process asks once per place. */
  async wrap<T>(asked: CachedQuery, query: () => Promise<T>): Promise<T> {
    const found = await this.look<T>(asked);
    const hit = believed(found);
    if (hit) return hit.value;
    const stamp = await this.stampOf(asked, found);
    // The stamp is part of the flight: who asks after an invalidation does not join a query begun before it.
    return this.flights.join(`${valueKey(asked)} ${stamp}`, async () => {
      const value = await query();
      if (stamp !== undefined) await this.keep(asked, { stamp, value });
      return value;
    });
  }

  /** Undefined when nothing is kept there, and while Redis is down. */
  async get<T>(place: CachePlace): Promise<T | undefined> {
    return believed(await this.look<T>(place))?.value;
  }

  /** For what is not read from the database: between a read and this call an invalidation would go unnoticed. */
  async set<T>(place: CachedQuery, value: T): Promise<void> {
    const stamp = await this.stampOf(place, await this.look<T>(place));
    if (stamp !== undefined) await this.keep(place, { stamp, value });
  }

  /**
   * Forgets one value. A query under way may put it back: after a change, invalidate.
   * @throws when Redis did not answer
   */
  async delete(place: CachePlace): Promise<void> {
    await this.manager.del(valueKey(place));
  }

  /**
   * Forgets a namespace (`products`), or all namespaces below one (`user:*`), in one write however many values there are.
   * @throws when Redis did not answer: old values may stand until their TTL, so try again
   */
  async invalidate(pattern: string): Promise<void> {
    refuseUselessPattern(pattern);
    await this.manager.set(tokenKey(pattern), randomUUID(), TOKEN_TTL_MS);
  }

  /** Value and tokens in one round trip. */
  private async look<T>(place: CachePlace): Promise<Found<T>> {
    const keys = [valueKey(place), ...patternsOf(place.namespace).map(tokenKey)];
    // What Redis does not answer, cache-manager shows as missing.
    const [kept, ...tokens] = (await this.manager.mget<unknown>(keys)) as [Kept<T>?, ...(string | undefined)[]];
    return { kept, tokens };
  }

  /** Undefined while Redis is down: then nothing is kept. */
  private async stampOf({ namespace }: CachePlace, { tokens }: Found<unknown>): Promise<string | undefined> {
    try {
      const tokenOf = async (pattern: string, index: number) => tokens[index] ?? this.newToken(pattern);
      return stamp(await Promise.all(patternsOf(namespace).map(tokenOf)));
    } catch {
      return undefined;
    }
  }

  /** Two processes may both write one: the values of the one that was overwritten are not believed, and asked again. */
  private newToken(pattern: string): Promise<string> {
    return this.flights.join(tokenKey(pattern), async () => {
      const token = randomUUID();
      await this.manager.set(tokenKey(pattern), token, TOKEN_TTL_MS);
      return token;
    });
  }

  private async keep<T>(place: CachedQuery, kept: Kept<T>): Promise<void> {
    try {
      await this.manager.set(valueKey(place), kept, place.ttlSeconds * 1_000);
    } catch {
      // Redis is down: the next one asks again.
    }
  }
}

function believed<T>({ kept, tokens }: Found<T>): Kept<T> | undefined {
  const areKnown = tokens.every((token) => token !== undefined);
  return areKnown && kept?.stamp === stamp(tokens) ? kept : undefined;
}

function stamp(tokens: readonly (string | undefined)[]): string {
  return tokens.join(' ');
}

function tokenKey(pattern: string): string {
  return `token:${pattern}`;
}

function valueKey({ namespace, key }: CachePlace): string {
  return `value:${namespace}|${key}`;
}
