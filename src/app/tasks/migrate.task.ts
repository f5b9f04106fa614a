import { DataSource } from 'typeorm';
import { grantToApplication } from '../../../migrations/grants.js';
import { dataSourceOptions } from '../../platform/database/data-source.js';
import { isLockTimeout } from '../../platform/database/postgres-errors.js';
import type { Config } from '../../platform/config/config.js';
import { ALL_ENTITIES } from '../entities.js';

/** Any constant will do, as long as every release uses the same one. */
const MIGRATION_LOCK = 7_246_001;
const ATTEMPTS_MAX = 20;
const DDL_LOCK_TIMEOUT_MS = 3_000;
const MIGRATION_TIMEOUT_MS = 600_000;

/**
 * Applies what is pending, once, however many instances start together: they queue on a transaction's advisory lock
 * (a session's would be orphaned behind PgBouncer). DDL gives up on a busy table after three seconds and starts over.
 */
export async function migrate(config: Config): Promise<string[]> {
  const source = await connect(config);
  const gate = source.createQueryRunner();
  try {
    await gate.startTransaction();
    await gate.query(`SET LOCAL lock_timeout = 0`);
    await gate.query(`SELECT pg_advisory_xact_lock($1)`, [MIGRATION_LOCK]);
    const applied = await applyPending(source);
    await grantToApplication(gate, 'schema_migrations', 'SELECT');
    await gate.commitTransaction();
    return applied;
  } finally {
    await gate.release();
    await source.destroy();
  }
}

/** What stands between the entities and the migrated tables, as the SQL that would make them agree; empty when they do. */
export async function differences(config: Config): Promise<string[]> {
  const source = await connect(config);
  try {
    const pending = await source.showMigrations();
    const { upQueries } = await source.driver.createSchemaBuilder().log();
    return [...(pending ? ['-- migrations are pending'] : []), ...upQueries.map(({ query }) => query)];
  } finally {
    await source.destroy();
  }
}

function connect(config: Config): Promise<DataSource> {
  const options = dataSourceOptions(config, config.DATABASE_MIGRATOR_URL ?? config.DATABASE_URL);
  const applicationRole = decodeURIComponent(new URL(config.DATABASE_URL).username);
  const extra = {
    options: `-c purser.app_role=${applicationRole} -c lock_timeout=${DDL_LOCK_TIMEOUT_MS}`,
    query_timeout: MIGRATION_TIMEOUT_MS,
  };
  return new DataSource({ ...options, entities: ALL_ENTITIES, extra }).initialize();
}

async function applyPending(source: DataSource): Promise<string[]> {
  for (let attempt = 1; ; attempt++) {
    try {
      return (await source.runMigrations({ transaction: 'each' })).map(({ name }) => name);
    } catch (error) {
      if (attempt === ATTEMPTS_MAX || !isLockTimeout(error)) throw error;
    }
  }
}
