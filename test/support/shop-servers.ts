import { Redis } from 'ioredis';
import { harness } from './harness.js';
import { Proxy, type Listener } from './proxy.js';

/** Redis has 16 databases: each of jest's two workers takes its own in turns, and the first is for what is no shop. */
const DATABASES_PER_WORKER = 7;

/** What can go away between a shop and its servers. */
export interface Proxies {
  readonly database: Proxy;
  readonly redis: Proxy;
}

export async function proxiesFor(
  databaseUrl: string,
  redisUrl: string,
  proxied: true | { readonly toDatabase: Listener },
): Promise<Proxies> {
  const listener = proxied === true ? undefined : proxied.toDatabase;
  return { database: await Proxy.before(databaseUrl, listener), redis: await Proxy.before(redisUrl) };
}

export async function withRedis(url: string, work: (redis: Redis) => Promise<unknown>): Promise<void> {
  const redis = new Redis(url, { lazyConnect: true });
  await redis.connect();
  await work(redis);
  await redis.quit();
}

/** The database of the tests' Redis for a worker's shop of this number. */
export function ownDatabaseOfRedis(number: number): string {
  const { worker, redisUrl } = harness();
  const database = 1 + (worker % 2) * DATABASES_PER_WORKER + (number % DATABASES_PER_WORKER);
  return `${redisUrl.replace(/\/\d*$/, '')}/${database}`;
}
