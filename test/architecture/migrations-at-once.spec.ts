import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { ALL_MIGRATIONS } from '../../migrations/all-migrations.js';
import { readConfig } from '../../src/platform/config/config.js';
import { dataSourceOptions } from '../../src/platform/database/data-source.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { harness } from '../support/harness.js';
import { Program } from '../support/program.js';
import { environmentOf } from '../support/shop-environment.js';

const INSTANCES = [1, 2, 3];

jest.setTimeout(120_000);

describe('three releases that migrate one empty database at the same time', () => {
  let database: TestDatabase;

  beforeEach(async () => {
    database = await createTestDatabase({ template: 'template1' });
  });

  afterEach(() => database.drop());

  function environment(): Record<string, string> {
    const { databaseUrl, migratorUrl } = database;
    const places = { databaseUrl, redisUrl: harness().redisUrl, sandboxPort: 1, webPort: 1 };
    return { ...environmentOf(places), DATABASE_MIGRATOR_URL: migratorUrl };
  }

  function applied(): Promise<{ name: string; times: number }[]> {
    return database.query(
      `SELECT name, count(*)::integer AS times FROM schema_migrations GROUP BY name ORDER BY min(timestamp)`,
    );
  }

  it('apply each migration once, and all of them end well', async () => {
    const logs = INSTANCES.map((number) => join(harness().stateDir, 'logs', `migrate-at-once-${number}.log`));
    logs.forEach((log) => rmSync(log, { force: true }));
    const env = { ...environment(), APP_MODE: 'migrate' };
    const programs = logs.map((logFile) => new Program({ name: logFile, main: 'src/main.js', env, logFile }));
    await Promise.all(programs.map((program) => program.run()));
    expect(await applied()).toEqual(ALL_MIGRATIONS.map(({ name }) => ({ name, times: 1 })));
    const said = logs.map((log) => readFileSync(log, 'utf8').trim()).sort();
    const everything = `applied ${ALL_MIGRATIONS.map(({ name }) => name).join(', ')}`;
    expect(said).toEqual([everything, 'the schema is current', 'the schema is current']);
  });

  it("would get in each other's way without the lock they queue on", async () => {
    const config = readConfig(environment());
    const sources = await Promise.all(
      INSTANCES.map(() => new DataSource(dataSourceOptions(config, config.DATABASE_MIGRATOR_URL)).initialize()),
    );
    const outcomes = await Promise.allSettled(sources.map((source) => source.runMigrations({ transaction: 'each' })));
    await Promise.all(sources.map((source) => source.destroy()));
    expect(outcomes.map(({ status }) => status)).toContain('rejected');
  });
});
