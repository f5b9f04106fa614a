import { createDatabase, rolePasswords } from './database.mjs';
import { startPostgres, wipePostgres } from './postgres.mjs';
import { startRedis, wipeRedis } from './redis.mjs';
import { Failure, step } from './support/steps.mjs';

const DATABASE = 'purser';

/**
 * @typedef {{ root: string, stateDir: string, cli: string, given: NodeJS.ProcessEnv }} Context
 * @typedef {{ databaseUrl: string, migratorUrl: string, superuserUrl: string | null, redisUrl: string,
 *   postgres?: import('./postgres.mjs').Postgres, redis?: import('./redis.mjs').Redis,
 *   close: () => Promise<void>, closeStarted: () => Promise<void> }} Services
 */

/**
 * The database of this folder and, unless not wanted, its Redis: started, found running, or the user's own, which is used
 * and never managed.
 * @param {Context} context @param {{ mayInstall?: boolean, withRedis?: boolean }} [options] @returns {Promise<Services>}
 */
export async function openServices(context, { mayInstall = false, withRedis = true } = {}) {
  const database = await step('PostgreSQL', (note) => openDatabase(context, note));
  const cache = withRedis ? await openCache(context, mayInstall, database.postgres) : { redisUrl: '' };
  const servers = [database.postgres, 'redis' in cache ? cache.redis : undefined].filter(
    (server) => server !== undefined,
  );
  return {
    ...database,
    ...cache,
    close: async () => void (await Promise.all(servers.map((server) => server.stop()))),
    closeStarted: async () => {
      await Promise.all(servers.filter(({ started }) => started).map((server) => server.stop()));
    },
  };
}

/** Without a Redis there is no stack: then the PostgreSQL started for it is ended again. @param {Context} context @param {boolean} mayInstall @param {import('./postgres.mjs').Postgres} [postgres] */
async function openCache(context, mayInstall, postgres) {
  try {
    return await step('Redis', (note) => openRedis(context, note, mayInstall));
  } catch (error) {
    if (postgres?.started) await postgres.stop();
    throw error;
  }
}

/** Deletes the data of the servers we manage; the user's own are not touched. @param {Context} context */
export async function wipeServices({ stateDir }) {
  await Promise.all([wipePostgres(stateDir), wipeRedis(stateDir)]);
}

/** @param {Context} context @param {(text: string) => void} note */
async function openDatabase({ root, stateDir, given }, note) {
  if (given.DATABASE_URL) {
    await requireDatabase(given.DATABASE_URL);
    note('yours (DATABASE_URL)');
    const migratorUrl = given.DATABASE_MIGRATOR_URL || given.DATABASE_URL;
    return { databaseUrl: given.DATABASE_URL, migratorUrl, superuserUrl: null };
  }
  const postgres = await startPostgres({ stateDir, projectRoot: root });
  note(`${postgres.version} on port ${postgres.port} (${postgres.source})`);
  const { superuserUrl } = postgres;
  const urls = await createDatabase({ superuserUrl, name: DATABASE, ...rolePasswords(stateDir) });
  return { ...urls, superuserUrl, postgres };
}

/** @param {Context} context @param {(text: string) => void} note @param {boolean} mayInstall */
async function openRedis({ root, stateDir, given }, note, mayInstall) {
  if (given.REDIS_URL) {
    await requireRedis(given.REDIS_URL);
    note('yours (REDIS_URL)');
    return { redisUrl: given.REDIS_URL };
  }
  const redis = await startRedis({ stateDir, projectRoot: root, mayInstall });
  note(`${redis.version} on port ${redis.port} (${redis.source})`);
  return { redisUrl: redis.url, redis };
}

/** @param {string} url */
async function requireDatabase(url) {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => {});
  try {
    await client.connect();
  } catch (cause) {
    throw new Failure('DATABASE_URL is set, and no database lets us in there.', {
      cause,
      mend: 'unset DATABASE_URL   (then one is started here), or correct it',
    });
  } finally {
    await client.end().catch(() => {});
  }
}

/** @param {string} url */
async function requireRedis(url) {
  const { Redis } = await import('ioredis');
  const client = new Redis(url, { lazyConnect: true, connectTimeout: 5_000, retryStrategy: () => null });
  /** @type {unknown} */
  let refusal;
  client.on('error', (error) => (refusal = error));
  try {
    await client.connect();
    await client.ping();
  } catch (error) {
    throw new Failure('REDIS_URL is set, and no Redis lets us in there.', {
      cause: refusal ?? error,
      mend: 'unset REDIS_URL   (then one is started here), or correct it',
    });
  } finally {
    client.disconnect();
  }
}
