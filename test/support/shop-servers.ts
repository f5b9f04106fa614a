import { Redis } from 'ioredis';
import { Proxy, type Listener } from './proxy.js';

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
