import { DataSource } from 'typeorm';
import { ALL_MIGRATIONS } from '../../../migrations/all-migrations.js';
import { grantToApplication } from '../../../migrations/grants.js';
import { dataSourceOptions } from '../../platform/database/data-source.js';
import { isLockTimeout } from '../../platform/database/postgres-errors.js';
import type { Config } from '../../platform/config/config.js';
import { ALL_ENTITIES } from '../entities.js';

/** Any constant will do, as long as every release uses the same one. */
const MIGRATION_LOCK = 7_246_001;
const ATTEMPTS_MAX = 40;
/**
 * While DDL waits for a table, everybody who comes after it waits behind it. So it waits for less than a request does
 * for a lock (DATABASE_LOCK_TIMEOUT_MS), and for less than PostgreSQL does before it looks for a circle: in one, it is
 * the migration that steps back.
 */
const DDL_LOCK_TIMEOUT_MS = 800;
/** Between two tries those who queued behind the first get their turn. */
const PAUSE_MS = 1_000;
const MIGRATION_TIMEOUT_MS = 600_000;

/**
 * Applies what is pending, once, however many instances start together: they queue on a transaction's advisory lock
 * (a session's would be orphaned behind PgBouncer). DDL gives up on a busy table soon, and starts over a little later.
 */
export async function migrate(config: Config, migrations = ALL_MIGRATIONS): Promise<string[]> {
  const source = await connect(config, migrations);
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

function connect(config: Config, migrations = ALL_MIGRATIONS): Promise<DataSource> {
  const options = dataSourceOptions(config, config.DATABASE_MIGRATOR_URL ?? config.DATABASE_URL);
  const applicationRole = decodeURIComponent(new URL(config.DATABASE_URL).username);
  const extra = {
    options: `-c purser.app_role=${applicationRole} -c lock_timeout=${DDL_LOCK_TIMEOUT_MS}`,
    query_timeout: MIGRATION_TIMEOUT_MS,
  };
  return new DataSource({ ...options, migrations, entities: ALL_ENTITIES, extra }).initialize();
}

async function applyPending(source: DataSource): Promise<string[]> {
  for (let attempt = 1; ; attempt++) {
    try {
      return (await source.runMigrations({ transaction: 'each' })).map(({ name }) => name);
    } catch (error) {
      if (attempt === ATTEMPTS_MAX || !isLockTimeout(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * (0.5 + Math.random())));
    }
  }
}
