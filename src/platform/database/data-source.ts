import type { DataSourceOptions } from 'typeorm';
import { ALL_MIGRATIONS } from '../../../migrations/all-migrations.js';
import pg from 'pg';
import type { Config } from '../config/config.js';
import { exact } from './bigint.transformer.js';
import { CuttingClient, PreparingClient } from './preparing-client.js';
import { SnakeNamingStrategy } from './snake-naming.strategy.js';

/** What every connection of ours has in common. `synchronize` is false everywhere: tables change by migration only. */
export function dataSourceOptions(config: Config, url = config.DATABASE_URL): DataSourceOptions {
  return {
    type: 'postgres',
    url,
    applicationName: `purser-${config.APP_MODE}`,
    poolSize: config.DATABASE_POOL_MAX,
    connectTimeoutMS: config.DATABASE_CONNECT_TIMEOUT_MS,
    extra: connectionLimits(config),
    migrations: ALL_MIGRATIONS,
    migrationsTableName: 'schema_migrations',
    migrationsTransactionMode: 'each',
    namingStrategy: new SnakeNamingStrategy(),
    synchronize: false,
    uuidExtension: 'pgcrypto',
  };
}

const BIGINT_OID: number = pg.types.builtins.INT8;

/** bigint arrives as an exact number or not at all; the driver would hand out strings, and `'100' + '50'` is no money. */
const types = {
  getTypeParser: (oid: number, format?: 'text'): ((text: string) => unknown) =>
    oid === BIGINT_OID ? exact : (pg.types.getTypeParser(oid, format ?? 'text') as (text: string) => unknown),
};

/** Old PgBouncers refuse startup parameters as well as named statements: one switch turns both off, `ALTER ROLE` sets the limits there. */
function connectionLimits(config: Config): object {
  const patience = { query_timeout: config.DATABASE_QUERY_TIMEOUT_MS, keepAlive: true, types };
  if (!config.DATABASE_PREPARED_STATEMENTS) return { ...patience, Client: CuttingClient };
  return {
    ...patience,
    Client: PreparingClient,
    statement_timeout: config.DATABASE_STATEMENT_TIMEOUT_MS,
    lock_timeout: config.DATABASE_LOCK_TIMEOUT_MS,
    idle_in_transaction_session_timeout: 10_000,
  };
}
