import { harness } from './harness.js';

/** The same database through PgBouncer, where there is one, and what the product must be told then. */
export function throughPooler(databaseUrl: string): { databaseUrl: string; env: Readonly<Record<string, string>> } {
  const { poolerUrl } = harness();
  if (!poolerUrl) return { databaseUrl, env: {} };
  const url = new URL(databaseUrl);
  url.host = new URL(poolerUrl).host;
  return { databaseUrl: url.toString(), env: { DATABASE_PREPARED_STATEMENTS: 'false' } };
}
