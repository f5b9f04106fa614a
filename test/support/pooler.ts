import { harness } from './harness.js';

/**
 * The same database through PgBouncer, where there is one, and what the product must be told then. It stands before the
 * server of the test run alone: a PostgreSQL of a story's own is asked directly.
 */
export function throughPooler(databaseUrl: string): { databaseUrl: string; env: Readonly<Record<string, string>> } {
  const { poolerUrl, superuserUrl } = harness();
  const url = new URL(databaseUrl);
  if (!poolerUrl || url.host !== new URL(superuserUrl).host) return { databaseUrl, env: {} };
  url.host = new URL(poolerUrl).host;
  return { databaseUrl: url.toString(), env: { DATABASE_PREPARED_STATEMENTS: 'false' } };
}
